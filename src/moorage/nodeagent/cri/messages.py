"""Configs of the port as CRI messages, and back. Pure.

In: `nodeagent.ports` values. Out: messages of `generated.cri_pb2`, and port values made from replies.
Numbers and defaults: fact sheet runtime, sections 2 and 3.
"""

from collections.abc import Mapping

from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import NODE_LABEL
from moorage.nodeagent.ports import (
    ContainerConfig,
    ContainerState,
    Limits,
    Mount,
    RuntimeContainer,
    RuntimeImage,
    SandboxConfig,
    Security,
)

POD_NAME, POD_NAMESPACE, POD_UID = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.pod.uid"
CONTAINER_NAME = "io.kubernetes.container.name"
CGROUP_ANNOTATION = "moorage.dev/cgroup-parent"
"""Our own note on a sandbox: which cgroup goes when it goes."""
SANDBOX_READY = 0
NAMESPACE_OF_POD, NAMESPACE_OF_CONTAINER, NAMESPACE_OF_NODE = 0, 1, 2
SECCOMP_DEFAULT, SECCOMP_UNCONFINED = 0, 1
PROPAGATION = {"private": 0, "rslave": 1, "rshared": 2}
PROTOCOLS = {"TCP": 0, "UDP": 1, "SCTP": 2}
STATES = {0: ContainerState.CREATED, 1: ContainerState.RUNNING, 2: ContainerState.EXITED}
# What an unprivileged container may not see or change: kubernetes pkg/securitycontext, DefaultProcMount.
MASKED_PATHS = (
    *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"),
    *("/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"),
)
READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
NANOSECONDS = 1_000_000_000


def sandbox_config(config: SandboxConfig, node: str, cgroup_parent: str) -> pb.PodSandboxConfig:
    """Return the CRI form of a sandbox.

    Args:
        config: as given by the agent.
        node: name of the node, kept as a label.
        cgroup_parent: the real one, below the cluster's own root.
    """
    return pb.PodSandboxConfig(
        metadata=pb.SandboxMeta(name=config.name, uid=config.uid, namespace=config.namespace, attempt=config.attempt),
        # A sandbox in the node's network shares its host name too; containerd refuses one there.
        hostname="" if config.host_network else config.hostname,
        log_directory=config.log_directory,
        dns_config=pb.DNSConfig(servers=config.dns_servers, searches=config.dns_searches, options=config.dns_options),
        port_mappings=[
            pb.PortMapping(
                protocol=PROTOCOLS[port.protocol],
                container_port=port.container_port,
                host_port=port.host_port,
                host_ip=port.host_ip,
            )
            for port in config.ports
        ],
        labels=_labels(config, node),
        annotations={**config.annotations, CGROUP_ANNOTATION: cgroup_parent},
        linux=pb.LinuxSandbox(
            cgroup_parent=cgroup_parent,
            security_context=pb.SandboxSecurity(
                namespace_options=_namespaces(config),
                privileged=config.security.privileged,
                seccomp=_seccomp(config.security),
                run_as_user=_number(config.security.run_as_user),
                run_as_group=_number(config.security.run_as_group),
                supplemental_groups=config.security.supplemental_groups,
            ),
            sysctls=dict(config.sysctls),
        ),
    )


def container_config(config: ContainerConfig, sandbox: SandboxConfig, node: str) -> pb.ContainerConfig:
    """Return the CRI form of a container."""
    return pb.ContainerConfig(
        metadata=pb.ContainerMeta(name=config.name, attempt=config.attempt),
        image=pb.ImageSpec(image=config.image),
        command=config.command,
        args=config.args,
        working_dir=config.working_dir,
        envs=[pb.KeyValue(key=key, value=value) for key, value in config.env],
        mounts=[_mount(mount) for mount in config.mounts],
        labels={**_labels(sandbox, node), CONTAINER_NAME: config.name},
        annotations=config.annotations,
        log_path=config.log_name,
        stdin=config.stdin,
        tty=config.tty,
        linux=pb.LinuxContainer(
            resources=resources(config.limits), security_context=_security(config.security, sandbox)
        ),
    )


def resources(limits: Limits) -> pb.Resources:
    """Return limits in CRI's form; swap is never allowed beyond memory."""
    return pb.Resources(
        cpu_period=limits.cpu_period if limits.cpu_quota else 0,
        cpu_quota=limits.cpu_quota,
        cpu_shares=limits.cpu_shares,
        memory_limit_in_bytes=limits.memory_bytes,
        memory_swap_limit_in_bytes=limits.memory_bytes,
        oom_score_adj=limits.oom_score_adj,
    )


def container(status: pb.ContainerStatus, image: str) -> RuntimeContainer:
    """Return a container from its status.

    Args:
        status: CRI's.
        image: the reference it was created with.
    """
    started, finished = status.started_at / NANOSECONDS, status.finished_at / NANOSECONDS
    if finished:
        # containerd notes the start after it happened: a process that ends at once has "ended" before (measured).
        started = min(started, finished)
    return RuntimeContainer(
        id=status.id,
        name=status.metadata.name,
        attempt=status.metadata.attempt,
        image=image or status.image.image,
        image_id=status.image_ref,
        state=STATES.get(status.state, ContainerState.UNKNOWN),
        created_at=status.created_at / NANOSECONDS,
        started_at=started,
        finished_at=finished,
        exit_code=status.exit_code,
        reason=status.reason,
        message=status.message,
        annotations=dict(status.annotations),
    )


def image(found: pb.Image) -> RuntimeImage:
    """Return an image from its message."""
    return RuntimeImage(
        id=found.id,
        tags=tuple(found.repo_tags),
        digests=tuple(found.repo_digests),
        size_bytes=found.size,
        user=None if found.username else found.uid.value,
        user_name=found.username,
    )


def own_annotations(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return what the agent gave, without our own note."""
    return {key: value for key, value in annotations.items() if key != CGROUP_ANNOTATION}


def _labels(config: SandboxConfig, node: str) -> dict[str, str]:
    return {POD_NAME: config.name, POD_NAMESPACE: config.namespace, POD_UID: config.uid, NODE_LABEL: node}


def _namespaces(config: SandboxConfig) -> pb.NamespaceOption:
    # Processes: CRI's default 0 would let all containers of a pod see each other.
    processes = NAMESPACE_OF_POD if config.share_processes else NAMESPACE_OF_CONTAINER
    return pb.NamespaceOption(
        network=NAMESPACE_OF_NODE if config.host_network else NAMESPACE_OF_POD,
        pid=NAMESPACE_OF_NODE if config.host_pid else processes,
        ipc=NAMESPACE_OF_POD,
    )


def _security(security: Security, sandbox: SandboxConfig) -> pb.ContainerSecurity:
    return pb.ContainerSecurity(
        capabilities=pb.Capability(
            add_capabilities=security.add_capabilities, drop_capabilities=security.drop_capabilities
        ),
        privileged=security.privileged,
        namespace_options=_namespaces(sandbox),
        run_as_user=_number(security.run_as_user),
        run_as_group=_number(security.run_as_group),
        readonly_rootfs=security.read_only_root,
        supplemental_groups=security.supplemental_groups,
        no_new_privs=security.no_new_privileges,
        masked_paths=() if security.privileged else MASKED_PATHS,
        readonly_paths=() if security.privileged else READ_ONLY_PATHS,
        seccomp=_seccomp(security),
    )


def _seccomp(security: Security) -> pb.SecurityProfile:
    return pb.SecurityProfile(profile_type=SECCOMP_UNCONFINED if security.seccomp_unconfined else SECCOMP_DEFAULT)


def _number(value: int | None) -> pb.Int64Value | None:
    return None if value is None else pb.Int64Value(value=value)


def _mount(mount: Mount) -> pb.Mount:
    return pb.Mount(
        container_path=mount.container_path,
        host_path=mount.host_path,
        readonly=mount.read_only,
        propagation=PROPAGATION[mount.propagation],
    )

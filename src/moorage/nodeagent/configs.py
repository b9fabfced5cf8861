"""From a pod's spec to what the runtime is given.

In: specs, resolved environment, prepared mounts. Out: `SandboxConfig`, `ContainerConfig`. Pure.
Next room: `nodeagent.ports`.
"""

from dataclasses import dataclass

from moorage.api import meta
from moorage.nodeagent import marks, network, quality, security
from moorage.nodeagent.environment import expand
from moorage.nodeagent.plan import Start
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import ContainerConfig, Mount, PortMapping, SandboxConfig
from moorage.nodeagent.settings import AgentSettings

PROPAGATION = {"HostToContainer": "rslave", "Bidirectional": "rshared"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made ready for one container: its environment and its mounts."""

    environment: dict[str, str]
    mounts: tuple[Mount, ...] = ()


def sandbox_config(pod: Pod, settings: AgentSettings, attempt: int, log_directory: str) -> SandboxConfig:
    """Return the config of a pod's sandbox; equal for equal input, so that it can be worked out again at any time."""
    dns = network.resolver(pod, settings)
    sysctls = pod.spec.security_context.get("sysctls") or ()
    return SandboxConfig(
        uid=pod.uid,
        name=pod.name,
        namespace=pod.namespace,
        attempt=attempt,
        hostname=network.sandbox_hostname(pod, settings.domain),
        log_directory=log_directory,
        cgroup_parent=quality.cgroup_parent(pod),
        limits=quality.pod_limits(pod),
        dns_servers=dns.servers,
        dns_searches=dns.searches,
        dns_options=dns.options,
        host_network=pod.spec.host_network,
        host_pid=pod.spec.host_pid,
        share_processes=pod.spec.share_process_namespace,
        ports=_host_ports(pod),
        sysctls=tuple((one["name"], one["value"]) for one in sysctls),
        security=security.pod_security(pod),
        annotations={**meta.annotations(pod.document), **marks.sandbox_annotations(pod)},
    )


def _host_ports(pod: Pod) -> tuple[PortMapping, ...]:
    if pod.spec.host_network:
        return ()
    ports = [port for container in pod.containers for port in container.ports if port.host_port]
    return tuple(PortMapping(one.container_port, one.host_port, one.protocol, one.host_ip) for one in ports)


def log_name(container: str, attempt: int) -> str:
    """Return a log file's path below the pod's log directory."""
    return f"{container}/{attempt}.log"


def container_config(
    pod: Pod, container: Container, start: Start, prepared: Prepared, settings: AgentSettings, sandbox_attempt: int
) -> ContainerConfig:
    """Return the config of one container.

    Args:
        pod: whose.
        container: which.
        start: which attempt.
        prepared: environment and mounts.
        settings: of the agent.
        sandbox_attempt: of the sandbox it goes into.
    """
    values = prepared.environment
    own = marks.ContainerMarks(sandbox_attempt, start.delay, marks.spec_hash(container.name, container.image))
    return ContainerConfig(
        name=container.name,
        attempt=start.attempt,
        image=container.image,
        log_name=log_name(container.name, start.attempt),
        command=tuple(expand(word, values) for word in container.command),
        args=tuple(expand(word, values) for word in container.args),
        env=tuple(values.items()),
        working_dir=container.working_dir,
        mounts=prepared.mounts,
        limits=quality.container_limits(pod, container, settings.capacity.memory_bytes),
        security=security.container_security(pod, container),
        tty=container.tty,
        stdin=container.stdin,
        annotations=own.annotations(),
    )

"""The runtime port: what runs sandboxes and containers, and keeps images.

In: configs made by `nodeagent` from pod specs. Out: ids, states, events. Implementations: `nodeagent.cri.runtime`
(containerd through CRI) and `sim.runtime` (made up, any clock); `tests/conformance/runtime` binds both.

Rules: the runtime is the only memory of what runs. Everything needed to recognise a pod or container again after the agent
restarts is given at creation and comes back in `list_pods`. Stop and remove of what is gone succeed. Creating what exists
(same pod uid, name and attempt) returns the existing id. Failures raise `base.errors.RuntimeFailure` with the pod-status
reason (`ErrImagePull`, `CreateContainerError`, `RunContainerError`, …); a dead or starting runtime raises `Unavailable`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PortMapping:
    """One host port. `host_ip` "" is every address."""

    container_port: int
    host_port: int
    protocol: str = "TCP"
    host_ip: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Resources of a container or a pod; 0 is unset.

    Args:
        cpu_shares: relative weight (1024 = one CPU).
        cpu_quota: microseconds per `cpu_period`.
        cpu_period: microseconds.
        memory_bytes: limit.
        oom_score_adj: -1000 … 1000.
        pids: most processes.
    """

    cpu_shares: int = 0
    cpu_quota: int = 0
    cpu_period: int = 100_000
    memory_bytes: int = 0
    oom_score_adj: int = 0
    pids: int = 0


@dataclass(frozen=True, slots=True)
class Security:
    """What of a (pod and container) security context the runtime applies; None is unset."""

    privileged: bool = False
    run_as_user: int | None = None
    run_as_group: int | None = None
    supplemental_groups: tuple[int, ...] = ()
    read_only_root: bool = False
    no_new_privileges: bool = False
    add_capabilities: tuple[str, ...] = ()
    drop_capabilities: tuple[str, ...] = ()
    seccomp_unconfined: bool = True


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One pod's sandbox: network namespace, hostname, cgroup.

    Args:
        uid: pod uid.
        name: pod name.
        namespace: pod namespace.
        attempt: 0 for the first sandbox of this pod, then 1, 2 …
        hostname: "" with host networking.
        log_directory: folder of the pod's log files, absolute.
        cgroup_parent: e.g. `/kubepods/besteffort/pod<uid>`, made and limited by the runtime with `limits`.
        limits: pod-level limits.
        dns_servers: for resolv.conf.
        dns_searches: likewise.
        dns_options: likewise.
        host_network: share the node's network.
        host_pid: share the node's processes.
        share_processes: containers of the pod see each other's processes.
        ports: host ports.
        sysctls: namespaced ones only.
        security: pod-level defaults; `privileged` if any container is.
        annotations: kept, and given back by `list_pods`.
    """

    uid: str
    name: str
    namespace: str
    attempt: int
    hostname: str
    log_directory: str
    cgroup_parent: str = ""
    limits: Limits = Limits()
    dns_servers: tuple[str, ...] = ()
    dns_searches: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    host_network: bool = False
    host_pid: bool = False
    share_processes: bool = False
    ports: tuple[PortMapping, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    security: Security = Security()
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mount:
    """One bind mount. `propagation`: `private`, `rslave` (HostToContainer) or `rshared` (Bidirectional)."""

    host_path: str
    container_path: str
    read_only: bool = False
    propagation: str = "private"


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """One container of a sandbox.

    Args:
        name: container name in the pod.
        attempt: 0 for the first container of this name in the pod, then 1, 2 …
        image: reference as in the pod spec; must be present.
        command: replaces the image's entrypoint where not empty.
        args: replaces the image's arguments where not empty, or where `command` is given.
        env: name and value, in order.
        working_dir: "" is the image's.
        mounts: see `Mount`.
        limits: see `Limits`.
        security: see `Security`.
        log_name: file name below the sandbox's log directory, e.g. `web/0.log`.
        tty: allocate a terminal.
        stdin: keep standard input open.
        annotations: kept, and given back by `list_pods`.
    """

    name: str
    attempt: int
    image: str
    log_name: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    working_dir: str = ""
    mounts: tuple[Mount, ...] = ()
    limits: Limits = Limits()
    security: Security = Security()
    tty: bool = False
    stdin: bool = False
    annotations: dict[str, str] = field(default_factory=dict)


class ContainerState(Enum):
    """Life of a container."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RuntimeContainer:
    """One container as the runtime sees it. Times are UTC seconds since 1970, 0.0 for not yet."""

    id: str
    name: str
    attempt: int
    image: str
    image_id: str
    state: ContainerState
    created_at: float
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuntimeSandbox:
    """One sandbox as the runtime sees it. `ip` is "" with host networking or when not ready."""

    id: str
    attempt: int
    ready: bool
    ip: str
    created_at: float
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuntimePod:
    """All sandboxes (newest first) and containers (newest attempt first within a name) of one pod uid."""

    uid: str
    name: str
    namespace: str
    sandboxes: tuple[RuntimeSandbox, ...]
    containers: tuple[RuntimeContainer, ...]


@dataclass(frozen=True, slots=True)
class RuntimeImage:
    """One image. `tags` and `digests` are references; `user` is what the image runs as, None for a user name."""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    size_bytes: int
    user: int | None = 0
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class ExecResult:
    """Outcome of a command run inside a container."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Runtime(Protocol):
    """What runs containers."""

    async def version(self) -> str:
        """Return name and version as a Node reports it, e.g. `containerd://1.6.20`. Raises: Unavailable."""
        ...

    async def list_pods(self) -> Sequence[RuntimePod]:
        """Return everything of this node that exists, running or not."""
        ...

    def events(self) -> AsyncIterator[str]:
        """Yield the uid of a pod whenever something of it may have changed; hints only, `list_pods` is the truth."""
        ...

    async def start_sandbox(self, config: SandboxConfig) -> str:
        """Create and start a sandbox; return its id."""
        ...

    async def stop_sandbox(self, sandbox_id: str) -> None:
        """Stop the sandbox and whatever runs in it; release its address."""
        ...

    async def remove_sandbox(self, sandbox_id: str) -> None:
        """Remove a stopped sandbox, its containers and its cgroup."""
        ...

    async def create_container(self, sandbox_id: str, sandbox: SandboxConfig, config: ContainerConfig) -> str:
        """Create a container; return its id."""
        ...

    async def start_container(self, container_id: str) -> None:
        """Start a created container."""
        ...

    async def stop_container(self, container_id: str, grace_seconds: float) -> None:
        """Send the stop signal, wait, kill. Returns when the container has ended."""
        ...

    async def remove_container(self, container_id: str) -> None:
        """Remove an ended container; its log file stays."""
        ...

    async def reopen_log(self, container_id: str) -> None:
        """Go on writing a running container's log to a new file of the same name (after a rename)."""
        ...

    async def exec(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        """Run a command to its end. Raises: TimeoutError, RuntimeFailure (e.g. no such executable)."""
        ...

    async def exec_url(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool, stderr: bool) -> str:
        """Return a one-time http URL on loopback that speaks the streaming protocol for this command."""
        ...

    async def attach_url(self, container_id: str, *, tty: bool, stdin: bool, stderr: bool) -> str:
        """Return a one-time URL for the container's own streams."""
        ...

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """Return a one-time URL for port forwarding into the sandbox."""
        ...

    async def pull_image(self, image: str) -> RuntimeImage:
        """Fetch an image. Raises: RuntimeFailure (`ErrImagePull`), Unavailable."""
        ...

    async def image(self, image: str) -> RuntimeImage | None:
        """Return a present image, by reference or id."""
        ...

    async def images(self) -> Sequence[RuntimeImage]:
        """Return every image present."""
        ...

    async def remove_image(self, image: str) -> None:
        """Remove an image by reference or id."""
        ...

    async def close(self) -> None:
        """Release the connection; what runs goes on running."""
        ...

"""The runtime port on made-up physics: no process, no network, any clock.

In: `nodeagent.ports` configs, `Physics`, annotations (see `behaviour`). Out: what containerd would say, at the clock's
pace.
It lives as long as its object: an agent that restarts within the same process finds its pods again.
"""

import asyncio
import contextlib
import fnmatch
import hashlib
import ipaddress
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from moorage.base.errors import RuntimeFailure
from moorage.base.log import logger
from moorage.base.ports import Clock, Ids
from moorage.base.tasks import Tasks
from moorage.nodeagent.cri.references import full_reference
from moorage.nodeagent.ports import (
    ContainerConfig,
    ContainerState,
    ExecResult,
    RuntimeContainer,
    RuntimeImage,
    RuntimePod,
    RuntimeSandbox,
    SandboxConfig,
)
from moorage.sim.behaviour import KILLED, Behaviour, behaviour, reason
from moorage.sim.shell import Missing, Shell

log = logger("sim.runtime")
IMAGE_BYTES = 1_048_576
"""Size every made-up image claims."""
START_ERROR_CODE = 128
"""Exit code containerd gives a container that could not start."""


@dataclass(frozen=True, slots=True)
class Physics:
    """How long things take, in seconds, and which images there are.

    Args:
        sandbox_seconds: of a sandbox's start.
        start_seconds: of a container's start.
        pull_seconds: of a pull.
        absent_images: patterns (`*`, `?`) of references no registry has.
    """

    sandbox_seconds: float = 0.02
    start_seconds: float = 0.02
    pull_seconds: float = 0.05
    absent_images: tuple[str, ...] = ("*missing*", "*does-not-exist*")


@dataclass(slots=True)
class _Container:
    seen: RuntimeContainer
    sandbox_id: str
    course: Behaviour
    shell: Shell
    log_file: str


@dataclass(slots=True)
class _Sandbox:
    seen: RuntimeSandbox
    config: SandboxConfig
    address: str


class SimRuntime:
    """`Runtime` without containers.

    Args:
        clock: all delays and times.
        ids: of sandboxes and containers.
        pod_cidr: addresses are given from the second on, and used again only after all others.
        physics: delays and images.
    """

    def __init__(self, clock: Clock, ids: Ids, pod_cidr: str, physics: Physics = Physics()) -> None:
        self._clock = clock
        self._ids = ids
        self._physics = physics
        self._free = [str(host) for host in ipaddress.ip_network(pod_cidr).hosts()][1:]
        self._sandboxes: dict[str, _Sandbox] = {}
        self._containers: dict[str, _Container] = {}
        self._images: dict[str, RuntimeImage] = {}
        self._listeners: list[asyncio.Queue[str]] = []
        self._tasks = Tasks("sim", _broken)

    async def version(self) -> str:
        """See `Runtime.version`."""
        return "sim://1.0.0"

    async def list_pods(self) -> Sequence[RuntimePod]:
        """See `Runtime.list_pods`."""
        by_uid: dict[str, list[_Sandbox]] = {}
        for sandbox in self._sandboxes.values():
            by_uid.setdefault(sandbox.config.uid, []).append(sandbox)
        held: dict[str, list[RuntimeContainer]] = {}
        for container in self._containers.values():
            held.setdefault(self._uid(container), []).append(container.seen)
        return [_pod(sandboxes, held.get(uid, [])) for uid, sandboxes in by_uid.items()]

    async def events(self) -> AsyncIterator[str]:
        """See `Runtime.events`."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            for uid in {sandbox.config.uid for sandbox in self._sandboxes.values()}:
                yield uid
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)

    async def start_sandbox(self, config: SandboxConfig) -> str:
        """See `Runtime.start_sandbox`."""
        for identity, sandbox in self._sandboxes.items():
            if (sandbox.config.uid, sandbox.config.attempt) == (config.uid, config.attempt):
                return identity
        identity = self._identity()
        created = self._now()
        address = "" if config.host_network else self._address()
        seen = RuntimeSandbox(
            identity, config.attempt, ready=False, ip="", created_at=created, annotations=dict(config.annotations)
        )
        self._sandboxes[identity] = _Sandbox(seen, config, address)
        await self._clock.sleep(self._physics.sandbox_seconds)
        started = self._sandboxes.get(identity)
        # It may have been stopped while it started.
        if started is not None and started.address == address:
            started.seen = replace(seen, ready=True, ip=address)
            self._changed(config.uid)
        return identity

    async def stop_sandbox(self, sandbox_id: str) -> None:
        """See `Runtime.stop_sandbox`."""
        sandbox = self._sandboxes.get(sandbox_id)
        if sandbox is None:
            return
        for container in self._containers.values():
            if container.sandbox_id == sandbox_id:
                self._end(container, KILLED, reason(KILLED))
        if sandbox.address:
            self._free.append(sandbox.address)
            sandbox.address = ""
        sandbox.seen = replace(sandbox.seen, ready=False, ip="")
        self._changed(sandbox.config.uid)

    async def remove_sandbox(self, sandbox_id: str) -> None:
        """See `Runtime.remove_sandbox`."""
        await self.stop_sandbox(sandbox_id)
        for identity in [key for key, one in self._containers.items() if one.sandbox_id == sandbox_id]:
            del self._containers[identity]
        sandbox = self._sandboxes.pop(sandbox_id, None)
        if sandbox is not None:
            self._changed(sandbox.config.uid)

    async def create_container(self, sandbox_id: str, sandbox: SandboxConfig, config: ContainerConfig) -> str:
        """See `Runtime.create_container`."""
        if sandbox_id not in self._sandboxes:
            raise RuntimeFailure("CreateContainerError", f"sandbox {sandbox_id!r} not found")
        for identity, container in self._containers.items():
            same = (container.seen.name, container.seen.attempt) == (config.name, config.attempt)
            if same and container.sandbox_id == sandbox_id:
                return identity
        image = await self.image(config.image)
        if image is None:
            raise RuntimeFailure("CreateContainerError", f"image {config.image!r} not found")
        course = behaviour(config, sandbox.annotations, self._physics.start_seconds)
        identity = self._identity()
        seen = RuntimeContainer(
            id=identity,
            name=config.name,
            attempt=config.attempt,
            image=config.image,
            image_id=image.digests[0],
            state=ContainerState.CREATED,
            created_at=self._now(),
            annotations=dict(config.annotations),
        )
        log_file = f"{sandbox.log_directory}/{config.log_name}" if sandbox.log_directory else ""
        shell = Shell(sandbox, config, course.programs)
        self._containers[identity] = _Container(seen, sandbox_id, course, shell, log_file)
        return identity

    async def start_container(self, container_id: str) -> None:
        """See `Runtime.start_container`."""
        container = self._containers.get(container_id)
        if container is None:
            raise RuntimeFailure("RunContainerError", f"container {container_id!r} not found")
        await self._clock.sleep(container.course.start_seconds)
        if container.seen.state is not ContainerState.CREATED:
            raise RuntimeFailure(
                "RunContainerError", f"container {container_id} is in {container.seen.state.name} state"
            )
        if container.course.start_error:
            self._end(container, START_ERROR_CODE, "StartError", container.course.start_error)
            raise RuntimeFailure("RunContainerError", container.course.start_error)
        container.seen = replace(container.seen, state=ContainerState.RUNNING, started_at=self._now())
        self._log(container, f"{container.seen.image} started")
        self._changed(self._uid(container))
        if container.course.run_seconds is not None:
            self._tasks.start(container_id, self._run(container, container.course.run_seconds))

    async def stop_container(self, container_id: str, grace_seconds: float) -> None:
        """See `Runtime.stop_container`."""
        container = self._containers.get(container_id)
        if container is None or container.seen.state is ContainerState.EXITED:
            return
        killed = grace_seconds <= 0 or container.course.stop_seconds > grace_seconds
        await self._clock.sleep(min(max(grace_seconds, 0.0), container.course.stop_seconds))
        code = KILLED if killed else 0
        self._end(container, code, reason(code))

    async def remove_container(self, container_id: str) -> None:
        """See `Runtime.remove_container`."""
        container = self._containers.pop(container_id, None)
        if container is not None:
            self._changed(self._uid(container))

    async def reopen_log(self, container_id: str) -> None:
        """See `Runtime.reopen_log`: every line opens the file anew."""

    async def exec(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        """See `Runtime.exec`; `sleep` is the only command that takes time."""
        container = self._containers.get(container_id)
        if container is None or container.seen.state is not ContainerState.RUNNING:
            raise RuntimeFailure("ExecFailed", f"container {container_id} is not running")
        if command[0] == "sleep":
            return await self._sleep(float(command[1]), timeout)
        try:
            return container.shell.run(command)
        except Missing as error:
            raise RuntimeFailure("ExecFailed", str(error)) from error

    async def exec_url(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool, stderr: bool) -> str:
        """See `Runtime.exec_url`; there are no streams here."""
        raise RuntimeFailure("NotSupported", "the sim runtime has no streams: use --runtime containerd")

    async def attach_url(self, container_id: str, *, tty: bool, stdin: bool, stderr: bool) -> str:
        """See `Runtime.attach_url`; there are no streams here."""
        raise RuntimeFailure("NotSupported", "the sim runtime has no streams: use --runtime containerd")

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """See `Runtime.port_forward_url`; there are no streams here."""
        raise RuntimeFailure("NotSupported", "the sim runtime has no streams: use --runtime containerd")

    async def pull_image(self, image: str) -> RuntimeImage:
        """See `Runtime.pull_image`."""
        await self._clock.sleep(self._physics.pull_seconds)
        name = full_reference(image)
        if any(fnmatch.fnmatchcase(image, pattern) for pattern in self._physics.absent_images):
            said = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}": {name}: not found'
            raise RuntimeFailure("ErrImagePull", f"rpc error: code = NotFound desc = {said}")
        digest = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        repository = name.partition("@")[0].rpartition(":")[0] if "@" not in name else name.partition("@")[0]
        self._images[name] = RuntimeImage(digest, (name,), (f"{repository}@{digest}",), IMAGE_BYTES)
        return self._images[name]

    async def image(self, image: str) -> RuntimeImage | None:
        """See `Runtime.image`."""
        by_id = {found.id: found for found in self._images.values()}
        return by_id.get(image) or self._images.get(full_reference(image))

    async def images(self) -> Sequence[RuntimeImage]:
        """See `Runtime.images`."""
        return list(self._images.values())

    async def remove_image(self, image: str) -> None:
        """See `Runtime.remove_image`."""
        found = await self.image(image)
        if found is not None:
            del self._images[found.tags[0]]

    async def close(self) -> None:
        """See `Runtime.close`; the made-up containers stand still from here on."""
        await self._tasks.stop()

    def _identity(self) -> str:
        return self._ids.uid().replace("-", "") * 2

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _address(self) -> str:
        if not self._free:
            raise RuntimeFailure("FailedCreatePodSandBox", "no address is free in the node's pod range")
        return self._free.pop(0)

    def _uid(self, container: _Container) -> str:
        sandbox = self._sandboxes.get(container.sandbox_id)
        return sandbox.config.uid if sandbox else ""

    def _changed(self, uid: str) -> None:
        for queue in self._listeners:
            queue.put_nowait(uid)

    async def _run(self, container: _Container, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._end(container, container.course.exit_code, container.course.exit_reason)

    def _end(self, container: _Container, code: int, why: str, message: str = "") -> None:
        if container.seen.state is ContainerState.EXITED:
            return
        container.seen = replace(
            container.seen,
            state=ContainerState.EXITED,
            finished_at=self._now(),
            exit_code=code,
            reason=why,
            message=message,
        )
        self._changed(self._uid(container))

    async def _sleep(self, seconds: float, timeout: float) -> ExecResult:
        if 0 < timeout < seconds:
            await self._clock.sleep(timeout)
            raise TimeoutError(f"command did not end within {timeout:g} s")
        await self._clock.sleep(seconds)
        return ExecResult(0, b"", b"")

    def _log(self, container: _Container, text: str) -> None:
        if not container.log_file:
            return
        stamp = self._clock.now().isoformat().replace("+00:00", "Z")
        file = Path(container.log_file)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a") as target:
                target.write(f"{stamp} stdout F {text}\n")


def _broken(name: str, error: BaseException) -> None:
    log.error(f"{name} broke", error)


def _pod(sandboxes: list[_Sandbox], containers: list[RuntimeContainer]) -> RuntimePod:
    config = sandboxes[0].config
    newest = sorted((one.seen for one in sandboxes), key=lambda seen: seen.attempt, reverse=True)
    latest = sorted(sorted(containers, key=lambda one: one.attempt, reverse=True), key=lambda one: one.name)
    return RuntimePod(config.uid, config.name, config.namespace, tuple(newest), tuple(latest))

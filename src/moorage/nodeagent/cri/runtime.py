"""The runtime port on containerd: each method is one CRI call, made safe to repeat.

In: `nodeagent.ports` configs. Out: ids, `RuntimePod` values, `RuntimeFailure` with a pod-status reason.
Next rooms: `messages` (forms), `observe` (lists), `calls` (errors), `cgroups` (pod limits), `events` (hints).
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Sequence

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.limits import PARALLEL_SANDBOX_STARTS
from moorage.base.ports import Clock
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import LONG_SECONDS, Calls, NotFound
from moorage.nodeagent.cri.cgroups import PodCgroups, hierarchies
from moorage.nodeagent.cri.events import Events
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.images import Images
from moorage.nodeagent.cri.layout import Layout, NodeNetwork
from moorage.nodeagent.cri.observe import Observer
from moorage.nodeagent.ports import ContainerConfig, ExecResult, RuntimeImage, RuntimePod, SandboxConfig

# containerd reserves `name_namespace_uid_attempt`; a second creation of the same is refused with these words.
NAME_TAKEN = "failed to reserve"
# Beyond its own timeout an exec may need this long to be set up (measured: 0.12 s), seconds.
EXEC_SLACK_SECONDS = 10.0


class CriRuntime:
    """`Runtime` on a containerd that `machine.up` has started.

    Args:
        layout: where that containerd is.
        node: the node whose pods these are.
        clock: for waits while containerd starts.
    """

    def __init__(self, layout: Layout, node: NodeNetwork, clock: Clock) -> None:
        self._node = node.name
        self._handler = layout.handler(node)
        self._calls = Calls(layout.socket, clock)
        self._observer = Observer(self._calls, node.name, clock)
        self._images = Images(self._calls)
        self._cgroups = PodCgroups(layout.cgroup_root, hierarchies())
        observer = self._observer
        self._events = Events(self._calls.channel, clock, observer.owner, observer.known, observer.settled)
        self._starts = asyncio.Semaphore(PARALLEL_SANDBOX_STARTS)

    async def version(self) -> str:
        """See `Runtime.version`."""
        reply = await self._calls.call(self._calls.runtime.Version, pb.VersionRequest(), "RuntimeError")
        return f"{reply.runtime_name}://{reply.runtime_version.partition('~')[0]}"

    async def list_pods(self) -> Sequence[RuntimePod]:
        """See `Runtime.list_pods`."""
        return await self._observer.pods()

    def events(self) -> AsyncIterator[str]:
        """See `Runtime.events`."""
        return self._events.hints()

    async def start_sandbox(self, config: SandboxConfig) -> str:
        """See `Runtime.start_sandbox`. Raises: RuntimeFailure `FailedCreatePodSandBox`."""
        cgroup = self._cgroups.path(config.cgroup_parent or f"pod{config.uid}")
        self._cgroups.make(cgroup, config.limits)
        request = pb.RunPodSandboxRequest(
            config=messages.sandbox_config(config, self._node, cgroup), runtime_handler=self._handler
        )
        run = self._calls.runtime.RunPodSandbox
        try:
            async with self._starts:
                reply = await self._calls.call(run, request, "FailedCreatePodSandBox", LONG_SECONDS)
            identity = reply.pod_sandbox_id
        except RuntimeFailure as failure:
            identity = await self._existing_sandbox(config, failure)
        self._observer.owns(identity, config.uid)
        return identity

    async def stop_sandbox(self, sandbox_id: str) -> None:
        """See `Runtime.stop_sandbox`."""
        request = pb.SandboxId(pod_sandbox_id=sandbox_id)
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.runtime.StopPodSandbox, request, "KillPodSandboxError", LONG_SECONDS)

    async def remove_sandbox(self, sandbox_id: str) -> None:
        """See `Runtime.remove_sandbox`."""
        found = await self._observer.sandboxes({}, sandbox_id)
        request = pb.SandboxId(pod_sandbox_id=sandbox_id)
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.runtime.RemovePodSandbox, request, "KillPodSandboxError", LONG_SECONDS)
        for sandbox in found:
            self._cgroups.remove(sandbox.annotations[messages.CGROUP_ANNOTATION])

    async def create_container(self, sandbox_id: str, sandbox: SandboxConfig, config: ContainerConfig) -> str:
        """See `Runtime.create_container`. Raises: RuntimeFailure `CreateContainerError`."""
        cgroup = self._cgroups.path(sandbox.cgroup_parent or f"pod{sandbox.uid}")
        request = pb.CreateContainerRequest(
            pod_sandbox_id=sandbox_id,
            config=messages.container_config(config, sandbox, self._node),
            sandbox_config=messages.sandbox_config(sandbox, self._node, cgroup),
        )
        create = self._calls.runtime.CreateContainer
        try:
            reply = await self._calls.call(create, request, "CreateContainerError", LONG_SECONDS)
            identity = reply.container_id
        except RuntimeFailure as failure:
            identity = await self._existing_container(sandbox_id, config, failure)
        self._observer.owns(identity, sandbox.uid)
        return identity

    async def start_container(self, container_id: str) -> None:
        """See `Runtime.start_container`. Raises: RuntimeFailure `RunContainerError`."""
        request = pb.ContainerId(container_id=container_id)
        await self._calls.call(self._calls.runtime.StartContainer, request, "RunContainerError", LONG_SECONDS)

    async def stop_container(self, container_id: str, grace_seconds: float) -> None:
        """See `Runtime.stop_container`."""
        request = pb.StopContainerRequest(container_id=container_id, timeout=math.ceil(grace_seconds))
        # The call lasts as long as the grace period: no deadline of ours.
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.runtime.StopContainer, request, "KillContainerError", timeout=None)

    async def remove_container(self, container_id: str) -> None:
        """See `Runtime.remove_container`."""
        request = pb.ContainerId(container_id=container_id)
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.runtime.RemoveContainer, request, "KillContainerError", LONG_SECONDS)

    async def reopen_log(self, container_id: str) -> None:
        """See `Runtime.reopen_log`."""
        request = pb.ContainerId(container_id=container_id)
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.runtime.ReopenContainerLog, request, "ReopenLogError")

    async def exec(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        """See `Runtime.exec`; `timeout` in seconds, 0 for none."""
        seconds = math.ceil(timeout)
        request = pb.ExecSyncRequest(container_id=container_id, cmd=command, timeout=seconds)
        deadline = seconds + EXEC_SLACK_SECONDS if seconds else None
        reply = await self._calls.call(self._calls.runtime.ExecSync, request, "ExecFailed", deadline)
        return ExecResult(reply.exit_code, reply.stdout, reply.stderr)

    async def exec_url(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool, stderr: bool) -> str:
        """See `Runtime.exec_url`."""
        # With a terminal there is one output stream (CRI's rule).
        request = pb.ExecRequest(
            container_id=container_id, cmd=command, tty=tty, stdin=stdin, stdout=True, stderr=stderr and not tty
        )
        return (await self._calls.call(self._calls.runtime.Exec, request, "ExecFailed")).url

    async def attach_url(self, container_id: str, *, tty: bool, stdin: bool, stderr: bool) -> str:
        """See `Runtime.attach_url`."""
        request = pb.AttachRequest(
            container_id=container_id, tty=tty, stdin=stdin, stdout=True, stderr=stderr and not tty
        )
        return (await self._calls.call(self._calls.runtime.Attach, request, "AttachFailed")).url

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """See `Runtime.port_forward_url`."""
        request = pb.PortForwardRequest(pod_sandbox_id=sandbox_id, port=ports)
        return (await self._calls.call(self._calls.runtime.PortForward, request, "PortForwardFailed")).url

    async def pull_image(self, image: str) -> RuntimeImage:
        """See `Runtime.pull_image`."""
        return await self._images.pull(image)

    async def image(self, image: str) -> RuntimeImage | None:
        """See `Runtime.image`."""
        return await self._images.get(image)

    async def images(self) -> Sequence[RuntimeImage]:
        """See `Runtime.images`."""
        return await self._images.list()

    async def remove_image(self, image: str) -> None:
        """See `Runtime.remove_image`."""
        await self._images.remove(image)

    async def close(self) -> None:
        """See `Runtime.close`."""
        self._calls.close()

    async def _existing_sandbox(self, config: SandboxConfig, failure: RuntimeFailure) -> str:
        if NAME_TAKEN not in failure.message:
            raise failure
        for sandbox in await self._observer.sandboxes({messages.POD_UID: config.uid}):
            if sandbox.metadata.attempt == config.attempt:
                return sandbox.id
        raise Unavailable(f"sandbox of {config.namespace}/{config.name} is still being made") from failure

    async def _existing_container(self, sandbox_id: str, config: ContainerConfig, failure: RuntimeFailure) -> str:
        if NAME_TAKEN not in failure.message:
            raise failure
        for container in await self._observer.containers(sandbox_id):
            if (container.metadata.name, container.metadata.attempt) == (config.name, config.attempt):
                return container.id
        raise Unavailable(f"container {config.name} is still being made") from failure

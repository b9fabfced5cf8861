"""What containerd has of one node: sandboxes and containers, grouped by pod.

In: CRI's lists (two calls) and the statuses they lack (address, times, exit code). Out: `RuntimePod` values.
A status is asked for once per state: ids never come back, and within a state nothing of it changes.
"""

import asyncio
from collections.abc import Iterable, Sequence

from moorage.base.ports import Clock
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import Calls, NotFound
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import NODE_LABEL
from moorage.nodeagent.ports import ContainerState, RuntimeContainer, RuntimePod, RuntimeSandbox

REASON = "RuntimeError"
# containerd may learn that the cause was memory a moment after it learnt of the end: young ends are asked for again.
SETTLED_SECONDS = 5.0
LATE_SECONDS = 2.0
"""How long CRI may take to note an end; measured 0.03 s."""
POLL_SECONDS = 0.005


class Observer:
    """Reads the pods of one node.

    Args:
        calls: the connection.
        node: node name; only what carries it as a label is seen.
        clock: tells how long ago a container ended.
    """

    def __init__(self, calls: Calls, node: str, clock: Clock) -> None:
        self._calls = calls
        self._label = {NODE_LABEL: node}
        self._clock = clock
        self._addresses: dict[str, str] = {}
        self._containers: dict[tuple[str, int], RuntimeContainer] = {}
        self._owners: dict[str, str] = {}

    async def pods(self) -> tuple[RuntimePod, ...]:
        """Return every pod with a sandbox or a container. Raises: Unavailable."""
        sandboxes, containers = await asyncio.gather(self.sandboxes({}), self._list_containers({}))
        described = await asyncio.gather(*(self._sandbox(item) for item in sandboxes))
        statuses = await asyncio.gather(*(self._container(item) for item in containers))
        self._forget(sandboxes, containers)
        pods = []
        for uid in dict.fromkeys(item.metadata.uid for item in sandboxes):
            mine = [item for item in sandboxes if item.metadata.uid == uid]
            ids = {item.id for item in mine}
            pods.append(
                RuntimePod(
                    uid=uid,
                    name=mine[0].metadata.name,
                    namespace=mine[0].metadata.namespace,
                    sandboxes=_newest(one for one in described if one.id in ids),
                    containers=_latest(
                        status
                        for item, status in zip(containers, statuses, strict=True)
                        if status and item.pod_sandbox_id in ids
                    ),
                )
            )
        return tuple(pods)

    async def owner(self, identity: str) -> str:
        """Return the pod uid of a sandbox or container id of this node, "" for any other."""
        if identity not in self._owners:
            found = await self._find(identity)
            if not found:
                return ""
            self._owners[identity] = found
        return self._owners[identity]

    async def known(self) -> list[str]:
        """Return the uid of every pod."""
        return [pod.uid for pod in await self.pods()]

    async def settled(self, identity: str) -> None:
        """Return when CRI no longer says that a sandbox or container runs, or after `LATE_SECONDS`."""
        until = self._clock.monotonic() + LATE_SECONDS
        while await self._runs(identity) and self._clock.monotonic() < until:
            await self._clock.sleep(POLL_SECONDS)

    def owns(self, identity: str, uid: str) -> None:
        """Remember whose sandbox or container a new id is."""
        self._owners[identity] = uid

    async def sandboxes(self, labels: dict[str, str], identity: str = "") -> Sequence[pb.PodSandbox]:
        """Return this node's sandboxes with these labels (and this id, if given)."""
        filters = pb.PodSandboxFilter(id=identity, label_selector={**self._label, **labels})
        request = pb.ListPodSandboxRequest(filter=filters)
        return (await self._calls.call(self._calls.runtime.ListPodSandbox, request, REASON)).items

    async def containers(self, sandbox_id: str) -> Sequence[pb.Container]:
        """Return the containers of one sandbox."""
        return await self._list_containers({}, sandbox_id=sandbox_id)

    async def _list_containers(
        self, labels: dict[str, str], *, sandbox_id: str = "", identity: str = ""
    ) -> Sequence[pb.Container]:
        filters = pb.ContainerFilter(id=identity, pod_sandbox_id=sandbox_id, label_selector={**self._label, **labels})
        request = pb.ListContainersRequest(filter=filters)
        return (await self._calls.call(self._calls.runtime.ListContainers, request, REASON)).containers

    async def _runs(self, identity: str) -> bool:
        for container in await self._list_containers({}, identity=identity):
            return messages.STATES.get(container.state) is ContainerState.RUNNING
        return any(one.state == messages.SANDBOX_READY for one in await self.sandboxes({}, identity))

    async def _find(self, identity: str) -> str:
        for container in await self._list_containers({}, identity=identity):
            return container.labels[messages.POD_UID]
        for sandbox in await self.sandboxes({}, identity):
            return sandbox.metadata.uid
        return ""

    async def _sandbox(self, item: pb.PodSandbox) -> RuntimeSandbox:
        ready = item.state == messages.SANDBOX_READY
        return RuntimeSandbox(
            id=item.id,
            attempt=item.metadata.attempt,
            ready=ready,
            ip=await self._address(item.id) if ready else "",
            created_at=item.created_at / messages.NANOSECONDS,
            annotations=messages.own_annotations(item.annotations),
        )

    async def _address(self, sandbox_id: str) -> str:
        if sandbox_id not in self._addresses:
            try:
                reply = await self._calls.call(self._calls.runtime.PodSandboxStatus, pb.StatusOf(id=sandbox_id), REASON)
            except NotFound:
                return ""
            self._addresses[sandbox_id] = reply.status.network.ip
        return self._addresses[sandbox_id]

    async def _container(self, item: pb.Container) -> RuntimeContainer | None:
        known = self._containers.get((item.id, item.state))
        if known is not None:
            return known
        try:
            reply = await self._calls.call(self._calls.runtime.ContainerStatus, pb.StatusOf(id=item.id), REASON)
        except NotFound:
            return None
        found = messages.container(reply.status, item.image.image)
        if self._settled(found):
            self._containers[item.id, reply.status.state] = found
        return found

    def _settled(self, container: RuntimeContainer) -> bool:
        if container.state is not ContainerState.EXITED:
            return True
        return self._clock.now().timestamp() - container.finished_at > SETTLED_SECONDS

    def _forget(self, sandboxes: Sequence[pb.PodSandbox], containers: Sequence[pb.Container]) -> None:
        uids = {item.id: item.metadata.uid for item in sandboxes}
        self._owners = uids | {item.id: uids.get(item.pod_sandbox_id, "") for item in containers}
        self._addresses = {key: ip for key, ip in self._addresses.items() if key in uids}
        self._containers = {key: one for key, one in self._containers.items() if key[0] in self._owners}


def _newest(sandboxes: Iterable[RuntimeSandbox]) -> tuple[RuntimeSandbox, ...]:
    return tuple(sorted(sandboxes, key=lambda one: (one.attempt, one.created_at), reverse=True))


def _latest(containers: Iterable[RuntimeContainer]) -> tuple[RuntimeContainer, ...]:
    newest_first = sorted(containers, key=lambda one: (one.attempt, one.created_at), reverse=True)
    return tuple(sorted(newest_first, key=lambda one: one.name))

"""containerd's event stream as hints: "something of this pod may have changed".

In: containerd's Events.Subscribe (CRI's own GetContainerEvents came after 1.6). Out: pod uids for the agent's workers.
A broken stream is opened again; after each opening every known pod is hinted at, so nothing is missed meanwhile.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from grpclib.client import Channel
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from moorage.base.backoff import Backoff
from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.nodeagent.cri.generated.events_grpc import EventsStub
from moorage.nodeagent.cri.generated.events_pb2 import Envelope, SubscribeRequest, TaskDelete, TaskEvent, TaskExit
from moorage.nodeagent.cri.layout import CRI_NAMESPACE

log = logger("cri.events")
# Only what happens to processes; images and snapshots are of no interest here.
FILTERS = (f'namespace=="{CRI_NAMESPACE}",topic~="^/tasks/(start|exit|delete|oom|paused|resumed)"',)
# Both: a stream opened just after the exit still sees the deletion that follows it.
ENDS: dict[str, type[TaskExit] | type[TaskDelete]] = {"/tasks/exit": TaskExit, "/tasks/delete": TaskDelete}
RECONNECT_SECONDS = (0.1, 5.0)
BROKEN = (GRPCError, OSError, StreamTerminatedError, ProtocolError)


class Events:
    """Hints from one containerd.

    Args:
        channel: the connection.
        clock: for waits between attempts.
        owner: tells the pod uid of a sandbox or container id, "" where it is not of this node.
        known: every pod uid known now.
        settled: returns once CRI, too, knows that a sandbox or container has ended.
    """

    def __init__(
        self,
        channel: Channel,
        clock: Clock,
        owner: Callable[[str], Awaitable[str]],
        known: Callable[[], Awaitable[Iterable[str]]],
        settled: Callable[[str], Awaitable[None]],
    ) -> None:
        self._stub = EventsStub(channel)
        self._clock = clock
        self._owner = owner
        self._known = known
        self._settled = settled

    async def hints(self) -> AsyncIterator[str]:
        """Yield pod uids until the consumer stops."""
        backoff = Backoff(*RECONNECT_SECONDS)
        while True:
            try:
                async for uid in self._one_stream():
                    backoff.succeeded("stream")
                    yield uid
            except (*BROKEN, Unavailable, RuntimeFailure) as error:
                log.debug("event stream ended", error=error)
            await self._clock.sleep(backoff.failed("stream"))

    async def _one_stream(self) -> AsyncIterator[str]:
        metadata = {"containerd-namespace": CRI_NAMESPACE}
        async with self._stub.Subscribe.open(metadata=metadata) as stream:
            await stream.send_message(SubscribeRequest(filters=FILTERS), end=True)
            for uid in await self._known():
                yield uid
            async for envelope in stream:
                identity = subject(envelope)
                uid = await self._owner(identity) if identity else ""
                if not uid:
                    continue
                if envelope.topic in ENDS:
                    # The event is about 30 ms ahead of CRI's own books (measured); a look at once would see it running.
                    await self._settled(identity)
                yield uid


def subject(envelope: Envelope) -> str:
    """Return the sandbox or container an event is about, "" when only a process that exec started has ended."""
    message = ENDS.get(envelope.topic)
    if message is None:
        return TaskEvent.FromString(envelope.event.value).container_id
    ended = message.FromString(envelope.event.value)
    return ended.container_id if ended.id in ("", ended.container_id) else ""

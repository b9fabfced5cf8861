"""Events of pods and of the node, as the kubelet writes them.

In: reason and text. Out: Event objects in the API, written in the background; equal ones are counted, not repeated.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

from moorage.api import scheme, times
from moorage.api.refs import Document, ObjectKey
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock, Ids
from moorage.client.api import Api
from moorage.client.requests import PatchBody
from moorage.nodeagent.podspec import Pod

_log = logger("nodeagent.events")
COMPONENT = "kubelet"
REMEMBERED = 4096
QUEUED = 1000
Kind = Literal["Normal", "Warning"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: about which object (an `involvedObject`), what and why."""

    about: Document
    kind: Kind
    reason: str
    message: str

    @property
    def key(self) -> tuple[str, ...]:
        """What equal events share."""
        about = self.about
        return (about.get("uid", ""), about.get("fieldPath", ""), self.kind, self.reason, self.message)


class Recorder:
    """Writes events to the API.

    Args:
        api: where to.
        node: this node's name.
        clock: times.
        ids: names.
    """

    def __init__(self, api: Api, node: str, clock: Clock, ids: Ids) -> None:
        self._api = api
        self._node = node
        self._clock = clock
        self._ids = ids
        self._queue: asyncio.Queue[Happening] = asyncio.Queue(QUEUED)
        self._written: OrderedDict[tuple[str, ...], tuple[ObjectKey, int]] = OrderedDict()

    def record(self, happening: Happening) -> None:
        """Have an event written; dropped where too many wait already."""
        try:
            self._queue.put_nowait(happening)
        except asyncio.QueueFull:
            _log.warning("event dropped, too many wait", reason=happening.reason)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._write(await self._queue.get())

    async def flush(self) -> None:
        """Write what waits, then return."""
        while not self._queue.empty():
            await self._write(self._queue.get_nowait())

    async def _write(self, happening: Happening) -> None:
        known = self._written.get(happening.key)
        try:
            if known is not None and await self._count(happening, *known):
                return
            await self._create(happening)
        except (ApiError, Unavailable) as error:
            _log.info("event not written", reason=happening.reason, problem=error)

    async def _count(self, happening: Happening, key: ObjectKey, count: int) -> bool:
        patch = {"count": count + 1, "lastTimestamp": times.format_time(self._clock.now())}
        try:
            await self._api.patch(scheme.EVENTS, key, PatchBody(patch))
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        self._written[happening.key] = (key, count + 1)
        self._written.move_to_end(happening.key)
        return True

    async def _create(self, happening: Happening) -> None:
        document = self._document(happening)
        await self._api.create(scheme.EVENTS, document)
        metadata = document["metadata"]
        self._written[happening.key] = (ObjectKey(metadata["namespace"], metadata["name"]), 1)
        while len(self._written) > REMEMBERED:
            self._written.popitem(last=False)

    def _document(self, happening: Happening) -> dict[str, Any]:
        now = times.format_time(self._clock.now())
        about = happening.about
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{about['name']}.{self._ids.suffix(16)}",
                "namespace": about.get("namespace") or "default",
            },
            "involvedObject": about,
            "type": happening.kind,
            "reason": happening.reason,
            "message": happening.message[:1024],
            "source": {"component": COMPONENT, "host": self._node},
            "reportingComponent": COMPONENT,
            "reportingInstance": self._node,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }


class PodEvents:
    """The events of one pod."""

    def __init__(self, recorder: Recorder, pod: Pod) -> None:
        self._recorder = recorder
        self._pod = pod

    def normal(self, reason: str, message: str, container: str = "") -> None:
        """Record a Normal event, of the pod or of one container."""
        self._recorder.record(Happening(self._about(container), "Normal", reason, message))

    def warning(self, reason: str, message: str, container: str = "") -> None:
        """Record a Warning event, of the pod or of one container."""
        self._recorder.record(Happening(self._about(container), "Warning", reason, message))

    def _about(self, container: str) -> Document:
        pod = self._pod
        about = {"apiVersion": "v1", "kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid}
        return about | ({"fieldPath": pod.field_path(container)} if container else {})

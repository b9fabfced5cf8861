"""Events of core/v1: best effort, never in the way.

In: `Emit` values from plans. Out: Event objects, written one after another in the background.
`record` never waits; what does not fit into the line, and what cannot be written, is dropped and counted.
"""

import asyncio
import datetime
from collections import deque

from moorage.api import meta
from moorage.api.refs import ObjectKey
from moorage.api.scheme import EVENTS
from moorage.api.times import format_time
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.requests import PatchBody
from moorage.reconcile import events
from moorage.reconcile.actions import Emit
from moorage.reconcile.correlator import Correlator, Verdict, Written

_log = logger("events")
MAX_WAITING = 1000


class EventRecorder:
    """Records the events of one source. Start `run` as a task.

    Args:
        api: where events go.
        clock: for their times.
        component: `source.component`, e.g. `statefulset-controller`.
        host: `source.host`, for a node agent.
    """

    def __init__(self, api: Api, clock: Clock, component: str, host: str = "") -> None:
        self._api = api
        self._clock = clock
        self._component = component
        self._host = host
        self._correlator = Correlator()
        self._line: deque[tuple[Emit, datetime.datetime]] = deque()
        self._more = asyncio.Event()
        self._last_name = 0
        self.dropped = 0

    def record(self, event: Emit) -> None:
        """Take an event; never waits."""
        if len(self._line) >= MAX_WAITING:
            self.dropped += 1
            return
        self._line.append((event, self._clock.now()))
        self._more.set()

    async def run(self) -> None:
        """Write events until cancelled."""
        while True:
            await self.flush()
            self._more.clear()
            await self._more.wait()

    async def flush(self) -> None:
        """Write what waits."""
        while self._line:
            event, at = self._line.popleft()
            verdict = self._correlator.judge(event, at)
            if verdict is None:
                self.dropped += 1
                continue
            try:
                await self._write(event, verdict, at)
            except (ApiError, Unavailable) as problem:
                self.dropped += 1
                _log.info("event not written", reason=event.reason, about=meta.name(event.about), problem=problem)

    async def _write(self, event: Emit, verdict: Verdict, at: datetime.datetime) -> None:
        known = verdict.known
        if known is not None and await self._count_up(event, verdict, known, at):
            return
        name = f"{meta.name(event.about)}.{self._name(at):x}"
        told = Emit(event.about, event.type, event.reason, verdict.message)
        document = events.document(told, events.Source(self._component, self._host), name, at)
        await self._api.create(EVENTS, document)
        self._correlator.wrote(verdict, Written(meta.name(document), 1, at))

    async def _count_up(self, event: Emit, verdict: Verdict, known: Written, at: datetime.datetime) -> bool:
        """Count a known event object up; False where it is gone (events live an hour)."""
        body = {
            "count": known.count + 1,
            "lastTimestamp": format_time(at),
            "message": verdict.message[: events.MAX_MESSAGE],
        }
        key = ObjectKey(events.namespace_of(event.about), known.name)
        try:
            await self._api.patch(EVENTS, key, PatchBody(body, "strategic"))
        except ApiError as problem:
            if problem.code != 404:
                raise
            self._correlator.forget(verdict)
            return False
        self._correlator.wrote(verdict, Written(known.name, known.count + 1, known.first))
        return True

    def _name(self, at: datetime.datetime) -> int:
        """Return nanoseconds since 1970, never the same twice (upstream's names end so too)."""
        self._last_name = max(self._last_name + 1, int(at.timestamp() * 1_000_000) * 1000)
        return self._last_name

"""The work queue: keys, not events.

In: keys to look at, now or later. Out: keys, one worker each. Rules (facts/statefulset.md 1.1): a key added while it waits
is one entry; a key added while it is worked on runs again afterwards; equal keys never run together; failures back off.
No addition is ever lost: each is either in line, in work with a mark to run again, or has a timer.
"""

import asyncio
from collections import deque

from moorage.api.refs import ObjectKey
from moorage.base.backoff import Backoff
from moorage.base.limits import RETRY_BASE_SECONDS, RETRY_MAX_SECONDS
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks


class WorkQueue:
    """Keys of one controller, first come first served.

    Args:
        clock: for delays.
        tasks: runs the timers.
    """

    def __init__(self, clock: Clock, tasks: Tasks) -> None:
        self._clock = clock
        self._tasks = tasks
        self._backoff = Backoff(RETRY_BASE_SECONDS, RETRY_MAX_SECONDS)
        self._line: deque[ObjectKey] = deque()
        self._dirty: set[ObjectKey] = set()
        self._working: set[ObjectKey] = set()
        self._due: dict[ObjectKey, float] = {}
        self._takers: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        """Return how many keys wait in line."""
        return len(self._line)

    @property
    def idle(self) -> bool:
        """Whether nothing waits in line or is worked on (timers may be set)."""
        return not self._dirty and not self._working

    def add(self, key: ObjectKey) -> None:
        """Look at `key` soon."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._working:
            self._enqueue(key)

    def add_after(self, key: ObjectKey, seconds: float) -> None:
        """Look at `key` no later than in `seconds`; an earlier timer of the key is enough."""
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.monotonic() + seconds
        if self._due.get(key, float("inf")) <= due:
            return
        self._due[key] = due
        self._tasks.start(f"timer {key}", self._ring(key, due, seconds))

    def retry(self, key: ObjectKey) -> float:
        """Look at `key` again after its back-off; return that wait, seconds."""
        wait = self._backoff.failed(key)
        self.add_after(key, wait)
        return wait

    def forget(self, key: ObjectKey) -> None:
        """Note a success: the next failure of `key` starts with the shortest wait."""
        self._backoff.succeeded(key)

    def failures(self, key: ObjectKey) -> int:
        """Return how often `key` failed in a row."""
        return self._backoff.failures(key)

    async def take(self) -> ObjectKey:
        """Wait for a key; call `done` when it was worked on."""
        while not self._line:
            taker = asyncio.get_running_loop().create_future()
            self._takers.append(taker)
            try:
                await taker
            except asyncio.CancelledError:
                if taker.done() and not taker.cancelled():
                    self._wake_one()  # our turn must not be lost with us
                raise
        key = self._line.popleft()
        self._dirty.discard(key)
        self._working.add(key)
        return key

    def done(self, key: ObjectKey) -> None:
        """Note that the work on `key` ended, well or not."""
        self._working.discard(key)
        if key in self._dirty:
            self._enqueue(key)

    def _enqueue(self, key: ObjectKey) -> None:
        self._line.append(key)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(None)
                return

    async def _ring(self, key: ObjectKey, due: float, seconds: float) -> None:
        await self._clock.sleep(seconds)
        if self._due.get(key) == due:
            del self._due[key]
            self.add(key)

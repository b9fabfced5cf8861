"""Pods that wait for a place: the important first, refused ones only once something changed that concerns them.

In: pods to place, refusals, news. Out: keys, one at a time. No key is ever lost: each is in line, parked, or has a timer.
"""

import asyncio
import heapq
from dataclasses import dataclass
from itertools import count

from moorage.api.refs import ObjectKey
from moorage.base.backoff import Backoff
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks

FIRST_WAIT_SECONDS = 0.05
"""First back-off of a refused pod, seconds: a claim that its pod overtook is seen within it."""
LONGEST_WAIT_SECONDS = 10.0
"""Longest back-off of a refused pod, seconds (upstream's podMaxBackoff)."""
LONGEST_PARK_SECONDS = 300.0
"""A refused pod is tried again at least this often, seconds (upstream's flush of unschedulable pods)."""


@dataclass(slots=True)
class _Parked:
    """A refused pod: what refused it, from when on it may be tried again, whether a timer will do that."""

    priority: int
    rules: frozenset[str]
    not_before: float
    timed: bool = False


class PodQueue:
    """Keys of pods that want a place.

    Args:
        clock: for back-off.
        tasks: runs the timers.
    """

    def __init__(self, clock: Clock, tasks: Tasks) -> None:
        self._clock = clock
        self._tasks = tasks
        self._backoff = Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        self._order = count()
        self._heap: list[tuple[int, int, ObjectKey]] = []
        self._line: dict[ObjectKey, int] = {}
        self._parked: dict[ObjectKey, _Parked] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Return how many pods are in line or parked."""
        return len(self._line) + len(self._parked)

    def add(self, key: ObjectKey, priority: int) -> None:
        """Put a pod in line, before those of lower priority."""
        self._parked.pop(key, None)
        if key in self._line:
            return
        number = next(self._order)
        self._line[key] = number
        heapq.heappush(self._heap, (-priority, number, key))
        self._news.set()

    def park(self, key: ObjectKey, priority: int, rules: frozenset[str]) -> None:
        """Put a refused pod aside until `wake` names one of `rules`, and its back-off is over.

        Args:
            key: the pod.
            priority: for when it is in line again.
            rules: what refused it; none: only a node can help.
        """
        not_before = self._clock.monotonic() + self._backoff.failed(key)
        self._parked[key] = _Parked(priority, rules, not_before)

    def retry(self, key: ObjectKey, priority: int) -> None:
        """Put a pod in line again after its back-off, whatever happens."""
        self.park(key, priority, frozenset())
        self._release(key, self._parked[key])

    def wake(self, rules: frozenset[str] | None = None) -> None:
        """Look again at the pods that one of `rules` refused; None: at all."""
        for key, parked in list(self._parked.items()):
            if rules is None or parked.rules & rules:
                self._release(key, parked)

    def remove(self, key: ObjectKey) -> None:
        """Forget a pod: it has a place, or is gone."""
        self._line.pop(key, None)
        self._parked.pop(key, None)
        self._backoff.succeeded(key)

    async def take(self) -> ObjectKey:
        """Wait for the next pod."""
        while True:
            while self._heap:
                _, number, key = heapq.heappop(self._heap)
                if self._line.get(key) == number:
                    del self._line[key]
                    return key
            self._news.clear()
            await self._news.wait()

    async def sweep(self) -> None:
        """Look at every refused pod from time to time, until cancelled."""
        while True:
            await self._clock.sleep(LONGEST_PARK_SECONDS)
            self.wake()

    def _release(self, key: ObjectKey, parked: _Parked) -> None:
        wait = parked.not_before - self._clock.monotonic()
        if wait <= 0:
            self.add(key, parked.priority)
        elif not parked.timed:
            parked.timed = True
            self._tasks.start(f"timer {key}", self._ring(key, parked, wait))

    async def _ring(self, key: ObjectKey, parked: _Parked, wait: float) -> None:
        await self._clock.sleep(wait)
        if self._parked.get(key) is parked:
            self.add(key, parked.priority)

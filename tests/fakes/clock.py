"""A clock that moves only when told.

In: `advance`. Out: `Clock` (base.ports). Sleepers wake in order of their time; nothing waits for real.
"""

import asyncio
import datetime
import heapq
from itertools import count

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class ManualClock:
    """`Clock` at a time of the test's choice."""

    def __init__(self, start: datetime.datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime.datetime:
        return self._start + datetime.timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), sleeper))
        await sleeper

    @property
    def next_wake(self) -> float | None:
        """Seconds until the first sleeper wakes; None if nobody sleeps."""
        alive = [due for due, _, sleeper in self._sleepers if not sleeper.done()]
        return min(alive) - self._elapsed if alive else None

    def jump(self, seconds: float) -> None:
        """Let time pass without waking anybody (for pure code)."""
        self._elapsed += seconds

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, waking each sleeper at its time and letting it act before time goes on."""
        end = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, sleeper = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not sleeper.done():
                sleeper.set_result(None)
            await settle()
        self._elapsed = end
        await settle()


async def settle(rounds: int = 60) -> None:
    """Let every task that can run do so, `rounds` turns of the event loop."""
    loop = asyncio.get_running_loop()
    for _ in range(rounds):
        turn = loop.create_future()
        loop.call_soon(turn.set_result, None)
        await turn

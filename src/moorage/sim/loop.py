"""An event loop on virtual time: nothing waits, everything happens in an order that only the seed decides.

In: coroutines, a shuffle. Out: the same run for the same seed. When nothing is ready, the clock jumps to the next timer.
There is no selector: sockets, threads and signals do not exist here. Next room: `seeds`, whose clock reads this loop.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

from moorage.base.errors import Bug

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Shuffle = Callable[[list[Any]], None]


class Stuck(Bug):
    """Nothing is ready, no timer is set, and the work is not done: it would wait for ever (reliability LV5)."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop.

    Args:
        shuffle: puts callbacks that are ready together into the order in which they run.
    """

    def __init__(self, shuffle: Shuffle) -> None:
        super().__init__()
        self._shuffle = shuffle
        self._line: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._instant = 0.0
        self.problems: list[dict[str, Any]] = []
        """What nobody caught: each is a failure of the run."""
        self.set_exception_handler(lambda _loop, context: self.problems.append(context))

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._instant

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` in the next turn."""
        handle = asyncio.Handle(callback, args, self, context)
        self._line.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` in the next turn: there is one thread."""
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run `callback` at the virtual instant `when`."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, timer))
        return timer

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Refuse: a thread's timing cannot be repeated."""
        raise Bug(f"a thread in the simulation: {func}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing to do: cancelled timers are dropped when their time comes."""

    def _write_to_self(self) -> None:
        """Nothing to do: nobody sleeps in a selector."""

    def _run_once(self) -> None:
        """Run everything that is ready now, in seeded order; if that is nothing, first jump to the next timer."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not self._line:
            if not timers:
                raise Stuck("everybody waits and nobody acts")
            self._instant = max(self._instant, timers[0][0])
        while timers and timers[0][0] <= self._instant:
            timer = heapq.heappop(timers)[2]
            if not timer.cancelled():
                self._line.append(timer)
        turn, self._line = self._line, []
        if len(turn) > 1:
            self._shuffle(turn)
        for handle in turn:
            if not handle.cancelled():
                handle._run()


def run(work: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run `work` to its end on `loop`, then close it. Raises: what `work` raises, Stuck."""
    try:
        return loop.run_until_complete(work)
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

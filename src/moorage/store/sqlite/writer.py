"""The writer thread: runs blocking work in order, answers in the event loop.

In: callables from the loop. Out: for each, one callback in the loop with its error or None. Next: `pipeline`.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple, TypeVar

from moorage.base.errors import StoreError

Result = TypeVar("Result")


class Work(NamedTuple):
    """One piece of blocking work.

    Args:
        run: called in the thread; raises StoreError on failure.
        done: called in the event loop with the error, None on success.
    """

    run: Callable[[], None]
    done: Callable[[StoreError | None], None]


class Writer:
    """One thread with a queue.

    Args:
        loop: where answers go.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> None:
        """Queue work."""
        self._queue.put(work)

    async def call(self, function: Callable[[], Result]) -> Result:
        """Run `function` in the thread and return what it returns. Raises what it raises, if that is a StoreError."""
        results: list[Result] = []
        answered: asyncio.Future[StoreError | None] = self._loop.create_future()
        self.submit(Work(lambda: results.append(function()), answered.set_result))
        if error := await asyncio.shield(answered):
            raise error
        return results[0]

    def stop(self) -> None:
        """End the thread after all queued work, and wait for that."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) and self._do(work):
            pass

    def _do(self, work: Work) -> bool:
        """Run one piece; return False once nobody is there to hear of it."""
        error: StoreError | None = None
        try:
            work.run()
        except StoreError as failure:
            error = failure
        try:
            self._loop.call_soon_threadsafe(work.done, error)
        except RuntimeError:  # the loop was closed under us
            return False
        return True

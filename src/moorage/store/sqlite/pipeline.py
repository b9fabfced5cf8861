"""Group commit: at most one group of writes is under way; what comes meanwhile forms the next one.

In: changes with their revisions, compactions. Out: a durable change each, in order; one failure ends it all.
Next: `writer` (the thread) below, `backend` above.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from moorage.base.errors import StoreError
from moorage.store.ports import Change, StoreFailed
from moorage.store.sqlite.database import Database
from moorage.store.sqlite.writer import Work, Writer

GROUP_WRITES = 256
"""Most writes of one commit."""
GROUP_BYTES = 8 * 1024 * 1024
"""Values of one commit that end its group, bytes."""
DROP_ROWS = 250
"""Rows deleted by one step of a compaction: between two steps a group of writes goes first."""
IDLE_SECONDS = 0.5
"""Quiet time after which the write-ahead log is copied into the file, seconds."""


class _Purge:
    """Rows of one compaction that are still to be deleted."""

    def __init__(self, rows: Sequence[int], compacted: int, done: "asyncio.Future[None]") -> None:
        self.rows = rows
        self.compacted = compacted
        self.done = done


class Pipeline:
    """The order of all work on one database.

    Args:
        database: used by the writer thread alone.
        writer: the thread.
        landed: called with each group once it is durable, before its writers hear of it.
        failed: called once, when nothing more will be written.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        landed: Callable[[Sequence[Change]], None],
        failed: Callable[[StoreFailed], None],
    ) -> None:
        self._database = database
        self._writer = writer
        self._landed = landed
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Change] = deque()
        self._pending: dict[str, asyncio.Future[None]] = {}
        self._purges: deque[_Purge] = deque()
        self._busy = False
        self._purged_last = False
        self._stopped = False
        self._quiet: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None
        self.short_of_room = False

    def pending(self, key: str) -> "asyncio.Future[None] | None":
        """Return what ends when the write to `key` that is under way does; None where there is none."""
        return self._pending.get(key)

    async def write(self, change: Change) -> None:
        """Return once `change` is durable; no other write to its key may be pending.

        A caller that is cancelled does not take its write back. Raises: StoreFailed, AmbiguousWrite.
        """
        done: asyncio.Future[None] = self._loop.create_future()
        self._pending[change.key] = done
        self._waiting.append(change)
        if not self._busy and len(self._waiting) == 1:
            # Soon, not now: tasks that are ready in this turn of the loop join the group.
            self._loop.call_soon(self._next)
        await asyncio.shield(done)

    def purge(self, rows: Sequence[int], compacted: int) -> "asyncio.Future[None]":
        """Delete rows in small steps between the writes; history starts after `compacted` from the first step on."""
        purge = _Purge(rows, compacted, self._loop.create_future())
        self._purges.append(purge)
        self._loop.call_soon(self._next)
        return purge.done

    async def drain(self) -> None:
        """Return once every accepted write is durable or failed; compactions stop where they are, for good."""
        self._end_purges()
        if self._busy or self._waiting:
            self._drained = self._loop.create_future()
            await self._drained
        self._stopped = True
        if self._quiet:
            self._quiet.cancel()

    def _next(self) -> None:
        """Give the writer its next work, if it has none: a group of writes or, every other time, a step of a purge."""
        if self._busy or self._stopped:
            return
        if self._quiet:
            self._quiet.cancel()
        if self._waiting and (self._purged_last or not self._purges):
            self._purged_last = False
            group = self._take_group()
            self._submit(partial(self._commit, group), partial(self._committed, group))
        elif self._purges:
            self._purged_last = True
            purge = self._purges[0]
            step, purge.rows = purge.rows[:DROP_ROWS], purge.rows[DROP_ROWS:]
            self._submit(partial(self._database.drop, step, purge.compacted), partial(self._dropped, purge))
        elif self._drained:
            self._end_drain()
        else:
            self._quiet = self._loop.call_later(IDLE_SECONDS, self._checkpoint)

    def _submit(self, run: Callable[[], None], done: Callable[[], None]) -> None:
        self._busy = True
        self._writer.submit(Work(run, partial(self._done, done)))

    def _done(self, then: Callable[[], None], error: StoreError | None) -> None:
        """Go on after one piece of work, or stop for good after an error."""
        self._busy = False
        if error is None:
            then()
            self._next()
        else:
            self._fail(error)

    def _take_group(self) -> list[Change]:
        group: list[Change] = []
        size = 0
        while self._waiting and len(group) < GROUP_WRITES and size < GROUP_BYTES:
            change = self._waiting.popleft()
            size += len(change.value or b"")
            group.append(change)
        return group

    def _commit(self, group: Sequence[Change]) -> None:
        """Write a group; runs in the writer thread."""
        self._database.write(group)
        self.short_of_room = not self._database.has_room()

    def _committed(self, group: Sequence[Change]) -> None:
        self._landed(group)
        for change in group:
            self._pending.pop(change.key).set_result(None)

    def _dropped(self, purge: _Purge) -> None:
        if not purge.rows and self._purges and self._purges[0] is purge:
            self._purges.popleft()
            purge.done.set_result(None)

    def _checkpoint(self) -> None:
        if self._database.behind and not self._busy and not self._stopped:
            self._submit(self._database.checkpoint, lambda: None)

    def _fail(self, error: StoreError) -> None:
        """Tell everyone who waits. Only writes given to the writer may be ambiguous; the others did not happen."""
        self._stopped = True
        stopped = error if isinstance(error, StoreFailed) else StoreFailed(str(error))
        self._failed(stopped)
        unwritten = {change.key for change in self._waiting}
        for key, done in self._pending.items():
            done.set_exception(stopped if key in unwritten else error)
        self._pending.clear()
        self._waiting.clear()
        self._end_purges()
        self._end_drain()

    def _end_purges(self) -> None:
        """Leave the rest to the next opening of the file, which finds it."""
        for purge in self._purges:
            purge.done.set_result(None)
        self._purges.clear()

    def _end_drain(self) -> None:
        if self._drained and not self._drained.done():
            self._drained.set_result(None)

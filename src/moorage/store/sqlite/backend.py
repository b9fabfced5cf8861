"""The SQLite store: validates in memory, writes in groups, tells watchers what is durable.

In: reads and writes as in `store.ports.Store`. Out: the same. Next room up: `apiserver`.

One write's way: checked against memory → given the next revision → `pipeline` commits it with others → taken into
memory, published, answered. A second write to a key waits until the first is durable: a refusal never shows a record
that could still be lost.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from moorage.store.history import make_change
from moorage.store.ports import Change, Page, Record, Store, StoreFailed, StoreFull
from moorage.store.rules import answer, check_absent, check_expected, check_size
from moorage.store.sqlite.database import Database
from moorage.store.sqlite.load import Loaded
from moorage.store.sqlite.lock import DirectoryLock
from moorage.store.sqlite.pipeline import Pipeline
from moorage.store.sqlite.writer import Writer
from moorage.store.watchhub import HubWatch, WatchHub

RESERVE_BYTES = 32 * 1024 * 1024
"""Free disk space below which only deletions are written, bytes."""


async def open_sqlite(
    directory: Path, *, salvage: bool = False, reserve: int = RESERVE_BYTES, vfs: str | None = None
) -> Store:
    """Open the store in `directory`, made where it is missing.

    Args:
        directory: holds `store.db` and its companions; on a local disk.
        salvage: give up rows that cannot be read instead of refusing the file; history is lost, revisions go on.
        reserve: free disk space below which only deletions are written, bytes.
        vfs: SQLite VFS to use, for tests of power loss.

    Raises: StoreInUse, StoreFailed (damaged file, no access, layout of another version).
    """
    lock = _lock(directory)
    writer = Writer(asyncio.get_running_loop())

    def load() -> tuple[Database, Loaded]:
        database = Database(directory / "store.db", reserve, vfs)
        try:
            return database, database.load(drop_damaged=salvage)
        except StoreFailed:
            database.close()
            raise

    try:
        database, loaded = await writer.call(load)
    except StoreFailed:
        writer.stop()
        lock.release()
        raise
    return SqliteStore(lock, writer, database, loaded)


def _lock(directory: Path) -> DirectoryLock:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return DirectoryLock(directory)
    except OSError as error:
        raise StoreFailed(f"cannot use {directory}: {error.strerror}") from error


class SqliteStore:
    """Backend `sqlite`; made by `open_sqlite`."""

    def __init__(self, lock: DirectoryLock, writer: Writer, database: Database, loaded: Loaded) -> None:
        self._lock = lock
        self._writer = writer
        self._database = database
        self._history = loaded.history
        self._hub = WatchHub(self._history)
        self._next = self._history.revision + 1
        self._stopped: StoreFailed | None = None
        self._closed = False
        self._pipeline = Pipeline(database, writer, self._landed, self._failed)
        if loaded.garbage:
            self._pipeline.purge(loaded.garbage, self._history.compacted)

    @property
    def revision(self) -> int:
        return self._history.revision

    @property
    def compacted(self) -> int:
        return self._history.compacted

    async def get(self, key: str) -> Record | None:
        self._check_running()
        return self._history.get(key)

    async def list(self, prefix: str, revision: int = 0, limit: int = 0, after: str = "") -> Page:
        self._check_running()
        return self._history.page(prefix, revision, limit, after)

    async def create(self, key: str, value: bytes) -> Record:
        check_size(key, value)
        await self._settled(key)
        check_absent(self._history.get(key))
        self._check_room()
        return await self._write(key, value, None)

    async def update(self, key: str, value: bytes, expected: int) -> Record:
        check_size(key, value)
        await self._settled(key)
        current = check_expected(key, expected, self._history.get(key))
        self._check_room()
        return await self._write(key, value, current)

    async def delete(self, key: str, expected: int) -> Record:
        await self._settled(key)
        return await self._write(key, None, check_expected(key, expected, self._history.get(key)))

    def watch(self, prefix: str, after: int) -> HubWatch:
        self._check_running()
        return self._hub.open(prefix, after)

    async def compact(self, revision: int) -> None:
        self._check_running()
        before = self._history.compacted
        rows = self._history.compact(revision)
        if self._history.compacted != before:
            await asyncio.shield(self._pipeline.purge(rows, self._history.compacted))
            self._check_running()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._stopped = self._stopped or StoreFailed("the store is closed")
        await self._pipeline.drain()
        self._hub.end()
        try:
            await self._writer.call(self._database.close)
        finally:
            self._writer.stop()
            self._lock.release()

    async def _settled(self, key: str) -> None:
        """Wait until no write to `key` is under way."""
        self._check_running()
        while pending := self._pipeline.pending(key):
            await asyncio.wait((pending,))
            self._check_running()

    async def _write(self, key: str, value: bytes | None, current: Record | None) -> Record:
        change = make_change(key, value, self._next, current)
        self._next += 1
        await self._pipeline.write(change)
        return answer(change)

    def _landed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._history.apply(change)
        self._hub.publish(changes)

    def _failed(self, error: StoreFailed) -> None:
        self._stopped = error
        self._hub.end(error)

    def _check_running(self) -> None:
        if self._stopped:
            raise self._stopped

    def _check_room(self) -> None:
        if self._pipeline.short_of_room and not self._database.has_room():
            raise StoreFull(f"the disk of {self._database.directory} is nearly full: free some space")

"""Every SQL statement of the store, each one plain and blocking.

In: rows to write, revisions to drop. Out: nothing, once it is on the disk; or `StoreFailed` / `AmbiguousWrite`.
Used by one thread at a time. Next: `writer` runs it, `backend` owns it.

After any error it does not go on: the kernel may have marked a page clean that never reached the disk, and no database
recovers from that by trying again (fact sheet on reliability, A.1).
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import apsw

from moorage.store.ports import AmbiguousWrite, Change, StoreFailed
from moorage.store.sqlite.load import Loaded, load, salvage
from moorage.store.sqlite.rows import Row, row_of
from moorage.store.sqlite.schema import connect

CHECKPOINT_BYTES = 4 * 1024 * 1024
"""Size of the write-ahead log at which it is copied into the file, bytes."""
VACUUM_PAGES = 64
"""Free pages given back to the file system with each step of a compaction."""
_INSERT = "INSERT INTO log (revision, key, created, previous, value, checksum) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT revision, key, created, previous, value, checksum FROM log ORDER BY revision"
_MARK = "INSERT OR REPLACE INTO mark (name, revision) VALUES (?, ?)"


class Database:
    """One open file.

    Args:
        path: the file.
        reserve: free bytes of the disk below which `has_room` says no.
        vfs: name of the SQLite VFS to use; None is the default.

    Raises: StoreFailed.
    """

    def __init__(self, path: Path, reserve: int, vfs: str | None = None) -> None:
        self._path = path
        self._reserve = reserve
        self._wal_pages = 0
        try:
            self._connection = connect(path, vfs)
            self._connection.set_wal_hook(self._committed)
            self._page_bytes = int(self._connection.pragma("page_size"))
        except apsw.Error as error:
            raise self._explain("open", error) from error

    def load(self, *, drop_damaged: bool = False) -> Loaded:
        """Check the file and read all of it.

        Args:
            drop_damaged: give up rows that cannot be read, and with them all history.

        Raises: StoreFailed for a damaged file.
        """
        try:
            verdict = self._connection.pragma("quick_check")
            if verdict != "ok":
                raise StoreFailed(f"{self._path} is damaged ({verdict}): restore it from a backup")
            loaded = load(self._rows(), self._mark("compacted"), self._mark("floor"))
            if loaded.damaged and drop_damaged:
                return self._salvage(loaded)
        except apsw.Error as error:
            raise self._explain("read", error) from error
        if loaded.damaged:
            raise StoreFailed(
                f"{self._path}: {_list(loaded.damaged)}: restore it from a backup, "
                "or start with salvage to give up what cannot be read"
            )
        return loaded

    def write(self, changes: Sequence[Change]) -> None:
        """Make changes durable, all or none. Raises: StoreFailed (none), AmbiguousWrite (unknown)."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, map(row_of, changes))
        except apsw.Error as error:
            raise self._explain("write", error) from error
        try:
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            raise AmbiguousWrite(str(self._explain("write", error))) from error
        if self._wal_pages * self._page_bytes > CHECKPOINT_BYTES:
            self.checkpoint()

    def drop(self, revisions: Sequence[int], compacted: int) -> None:
        """Delete rows, remember that history starts after `compacted`, give some free pages back."""
        try:
            with self._connection:
                self._connection.execute(_MARK, ("compacted", compacted))
                self._connection.executemany("DELETE FROM log WHERE revision = ?", ((one,) for one in revisions))
            for _ in self._connection.execute(f"PRAGMA incremental_vacuum({VACUUM_PAGES})"):
                pass
        except apsw.Error as error:
            raise self._explain("compact", error) from error
        if self._wal_pages * self._page_bytes > CHECKPOINT_BYTES:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Copy the write-ahead log into the file, without waiting for anyone."""
        if not self._wal_pages:
            return
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            raise self._explain("checkpoint", error) from error
        self._wal_pages = 0

    @property
    def behind(self) -> bool:
        """Whether the write-ahead log holds something the file does not."""
        return self._wal_pages > 0

    @property
    def directory(self) -> Path:
        """Where the file is."""
        return self._path.parent

    def has_room(self) -> bool:
        """Whether the disk has more than the reserve free."""
        room = os.statvfs(self.directory)
        return room.f_bavail * room.f_frsize >= self._reserve

    def close(self) -> None:
        """Checkpoint and close the file."""
        try:
            self._connection.close()
        except apsw.Error as error:
            raise self._explain("close", error) from error

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def _rows(self) -> Iterator[Row]:
        return (Row(*row) for row in self._connection.execute(_SELECT))

    def _mark(self, name: str) -> int:
        found = self._connection.execute("SELECT revision FROM mark WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else 0

    def _salvage(self, loaded: Loaded) -> Loaded:
        # One revision is burnt, so that every watch and list from before is refused instead of missing what was lost.
        floor = loaded.history.revision + 1
        if loaded.damaged_rows:
            floor = max(floor, max(loaded.damaged_rows) + 1)
        with self._connection:
            self._connection.executemany("DELETE FROM log WHERE revision = ?", ((one,) for one in loaded.damaged_rows))
            self._connection.execute(_MARK, ("floor", floor))
            self._connection.execute(_MARK, ("compacted", floor - 1))
        return Loaded(salvage(self._rows(), floor), damaged=loaded.damaged)

    def _explain(self, verb: str, error: apsw.Error) -> StoreFailed:
        for kind, advice in _ADVICE:
            if isinstance(error, kind):
                return StoreFailed(f"cannot {verb} {self._path}: {advice} ({error})")
        return StoreFailed(f"cannot {verb} {self._path}: {error}")


_ADVICE: tuple[tuple[type[apsw.Error], str], ...] = (
    (apsw.FullError, "the disk is full: free some space, then start again"),
    (apsw.IOError, "the disk refused: check it, then start again"),
    (apsw.CorruptError, "the file is damaged: restore it from a backup"),
    (apsw.NotADBError, "the file is damaged or not a store: restore it from a backup"),
    (apsw.BusyError, "another program has it open: close that one"),
    (apsw.CantOpenError, "it cannot be opened: check its permissions"),
    (apsw.ReadOnlyError, "it is read-only: check its permissions"),
)


def _list(damaged: Iterable[str], most: int = 3) -> str:
    lines = list(damaged)
    more = [f"{len(lines) - most} more"] if len(lines) > most else []
    return ", ".join(lines[:most] + more)

"""The layout of the file: pragmas, tables, version.

In: a path. Out: an open connection whose file has the layout of this version. Next: `database`.

Everything is read from memory, so the file is a log alone: no index, no second table to keep in step. The row id is the
revision, so that a write appends at the end of one tree. Pragmas: fact sheet on reliability, D.2.
"""

from pathlib import Path

import apsw

from moorage.store.ports import StoreFailed

VERSION = 1
"""Layout of the file; a later moorage upgrades it, an older one refuses it."""
APPLICATION_ID = 0x4D4F4F52
"""`MOOR`: tells the file from any other SQLite file."""

_TABLES = """
CREATE TABLE log (
    revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, previous INTEGER NOT NULL,
    value BLOB, checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE mark (name TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""


def connect(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open or make the file. Raises: StoreFailed for a file of another kind or version, apsw.Error."""
    connection = apsw.Connection(str(path), vfs=vfs)
    # Exclusive before WAL: the WAL index then lives in memory, and nobody else can write.
    connection.pragma("locking_mode", "exclusive")
    fresh = connection.pragma("schema_version") == 0
    if fresh:
        connection.pragma("auto_vacuum", 2)  # incremental
    else:
        _check(connection, path)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", 2)  # full: a commit is on the disk before it answers
    connection.pragma("journal_size_limit", 64 * 1024 * 1024)
    connection.pragma("mmap_size", 0)
    connection.wal_autocheckpoint(0)
    if fresh:
        with connection:
            connection.execute(_TABLES)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", VERSION)
    return connection


def _check(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("application_id") != APPLICATION_ID:
        raise StoreFailed(f"{path} is not a moorage store: take another directory")
    version = connection.pragma("user_version")
    if version != VERSION:
        raise StoreFailed(f"{path} has layout {version}, this moorage reads {VERSION}: use the moorage that wrote it")

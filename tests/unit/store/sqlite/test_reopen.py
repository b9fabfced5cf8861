"""What a SQLite store remembers: everything acknowledged, with its history, over a restart."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from moorage.store.ports import Compacted, StoreFailed
from moorage.store.sqlite.backend import open_sqlite

A = "/core/pods/a/1"


@asynccontextmanager
async def opened(directory, **options):
    store = await open_sqlite(directory, **options)
    try:
        yield store
    finally:
        await store.close()


def rows(directory):
    with closing(sqlite3.connect(directory / "store.db")) as file:
        return [row[0] for row in file.execute("SELECT revision FROM log ORDER BY revision")]


def change_file(directory, statement, *arguments):
    with closing(sqlite3.connect(directory / "store.db")) as file:
        file.execute(statement, arguments)
        file.commit()


async def fill(directory, count=6):
    """Write `count` revisions of one key."""
    async with opened(directory) as store:
        record = await store.create(A, b"1")
        for index in range(2, count + 1):
            record = await store.update(A, b"%d" % index, record.revision)
        return record


def test_a_restart_keeps_records_revisions_and_history(tmp_path):
    async def story():
        last = await fill(tmp_path)
        async with opened(tmp_path) as store:
            assert store.revision == 6
            assert await store.get(A) == last
            assert (await store.list("/", revision=2)).records[0].value == b"2"
            changes = await anext(store.watch("/", 3))
            assert [(change.revision, change.value, change.previous.value) for change in changes] == [
                (4, b"4", b"3"),
                (5, b"5", b"4"),
                (6, b"6", b"5"),
            ]
            assert (await store.create("/core/pods/a/2", b"")).revision == 7

    asyncio.run(story())


def test_a_deletion_of_the_last_revision_is_not_forgotten(tmp_path):
    async def story():
        last = await fill(tmp_path, 2)
        async with opened(tmp_path) as store:
            await store.delete(A, last.revision)
        async with opened(tmp_path) as store:
            assert store.revision == 3
            assert await store.get(A) is None
            assert (await store.create(A, b"")).revision == 4

    asyncio.run(story())


def test_compaction_is_remembered_and_leaves_only_needed_rows(tmp_path):
    async def story():
        await fill(tmp_path)
        async with opened(tmp_path) as store:
            gone = await store.create("/core/pods/a/2", b"")
            await store.delete(gone.key, gone.revision)
            await store.create("/core/pods/a/3", b"")
            await store.compact(8)
        assert rows(tmp_path) == [6, 9]
        async with opened(tmp_path) as store:
            assert (store.revision, store.compacted) == (9, 8)
            with pytest.raises(Compacted):
                store.watch("/", 8)
            assert [record.revision for record in (await store.list("/")).records] == [6, 9]

    asyncio.run(story())


def test_rows_left_by_a_compaction_cut_short_are_dropped_at_the_next_start(tmp_path):
    async def story():
        await fill(tmp_path)
        change_file(tmp_path, "INSERT INTO mark VALUES ('compacted', 4)")
        async with opened(tmp_path) as store:
            assert store.compacted == 4
            await store.compact(5)
        assert rows(tmp_path) == [5, 6]

    asyncio.run(story())


def test_a_large_compaction_lets_writes_through(tmp_path):
    async def story():
        async with opened(tmp_path) as store:
            made = await asyncio.gather(*(store.create(f"/core/pods/a/{index}", b"x" * 500) for index in range(1500)))
            await asyncio.gather(*(store.delete(record.key, record.revision) for record in made))
            compaction = asyncio.get_running_loop().create_task(store.compact(store.revision))
            await store.create("/core/pods/a/x", b"")
            assert not compaction.done()
            await compaction
        # The last deletion is kept as a change, and with it what it deleted.
        assert rows(tmp_path) == [1500, 3000, 3001]

    asyncio.run(story())


def test_closing_during_a_compaction_leaves_a_file_that_opens(tmp_path):
    async def story():
        async with opened(tmp_path) as store:
            made = await asyncio.gather(*(store.create(f"/core/pods/a/{index}", b"") for index in range(1500)))
            await asyncio.gather(*(store.delete(record.key, record.revision) for record in made))
            compaction = asyncio.get_running_loop().create_task(store.compact(2900))
            await store.create("/core/pods/a/x", b"")
        with pytest.raises(StoreFailed, match="closed"):
            await compaction
        async with opened(tmp_path) as store:
            assert (store.revision, store.compacted) == (3001, 2900)
            await store.compact(2901)
        # 99 deletions are kept as changes, and with them what they deleted.
        assert rows(tmp_path) == [*range(1402, 1501), *range(2902, 3002)]

    asyncio.run(story())


def test_another_kind_of_file_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "store.db")) as file:
        file.execute("CREATE TABLE other (x)")
        file.commit()
    with pytest.raises(StoreFailed, match="not a moorage store"):
        asyncio.run(open_sqlite(tmp_path))
    (tmp_path / "store.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreFailed, match="damaged or not a store"):
        asyncio.run(open_sqlite(tmp_path))


def test_a_later_layout_is_refused(tmp_path):
    asyncio.run(fill(tmp_path))
    change_file(tmp_path, "PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="layout 99"):
        asyncio.run(open_sqlite(tmp_path))


def test_a_directory_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="cannot use"):
        asyncio.run(open_sqlite(tmp_path / "file" / "store"))


def test_files_are_private(tmp_path):
    asyncio.run(fill(tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0

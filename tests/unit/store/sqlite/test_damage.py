"""What a SQLite store does with a damaged file: it says so and refuses, or salvages what can be read."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from moorage.store.ports import Compacted, StoreFailed
from moorage.store.sqlite.backend import open_sqlite


async def fill(directory):
    """Leave three keys, the first of them at its third value: revisions 1 to 5."""
    store = await open_sqlite(directory)
    record = await store.create("/core/pods/a/1", b"first value")
    await store.create("/core/pods/a/2", b"other")
    record = await store.update(record.key, b"second value", record.revision)
    await store.create("/core/pods/a/3", b"third")
    await store.update(record.key, b"last value", record.revision)
    await store.close()


def damage(directory, statement):
    with closing(sqlite3.connect(directory / "store.db")) as file:
        file.execute(statement)
        file.commit()


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("UPDATE log SET value = x'00' WHERE revision = 5", "/core/pods/a/1 at revision 5 damaged"),
        ("UPDATE log SET key = '/core/pods/a/9' WHERE revision = 4", "/core/pods/a/9 at revision 4 damaged"),
        ("UPDATE log SET created = 2 WHERE revision = 5", "revision 5 damaged"),
        ("UPDATE log SET value = NULL WHERE revision = 2", "revision 2 damaged"),
        ("UPDATE log SET checksum = checksum + 1 WHERE revision = 1", "revision 1 damaged"),
        ("DELETE FROM log WHERE revision = 3", "revision 3 missing"),
        ("DELETE FROM log WHERE revision IN (2, 3)", "revisions 2 to 3 missing"),
    ],
)
def test_a_damaged_or_missing_row_is_named(tmp_path, statement, text):
    asyncio.run(fill(tmp_path))
    damage(tmp_path, statement)
    with pytest.raises(StoreFailed, match=text):
        asyncio.run(open_sqlite(tmp_path))


def test_a_byte_flipped_on_the_disk_is_found(tmp_path):
    asyncio.run(fill(tmp_path))
    file = tmp_path / "store.db"
    file.write_bytes(file.read_bytes().replace(b"last value", b"lost value"))
    with pytest.raises(StoreFailed, match="/core/pods/a/1 at revision 5 damaged"):
        asyncio.run(open_sqlite(tmp_path))


def test_a_refused_file_can_be_opened_again_by_salvage(tmp_path):
    async def story():
        await fill(tmp_path)
        damage(tmp_path, "UPDATE log SET value = x'00' WHERE revision = 5")
        with pytest.raises(StoreFailed):
            await open_sqlite(tmp_path)
        store = await open_sqlite(tmp_path, salvage=True)
        records = (await store.list("/")).records
        assert [(one.key[-1], one.value) for one in records] == [
            ("1", b"second value"),
            ("2", b"other"),
            ("3", b"third"),
        ]
        for seen_by_a_client in range(6):
            with pytest.raises(Compacted):
                store.watch("/", seen_by_a_client)
        assert (await store.create("/core/pods/a/4", b"")).revision == 7
        await store.close()

    asyncio.run(story())


def test_salvage_is_remembered(tmp_path):
    async def story():
        await fill(tmp_path)
        damage(tmp_path, "DELETE FROM log WHERE revision = 3")
        await (await open_sqlite(tmp_path, salvage=True)).close()
        store = await open_sqlite(tmp_path)
        assert (store.revision, store.compacted) == (6, 5)
        assert len((await store.list("/")).records) == 3
        await store.create("/core/pods/a/4", b"")
        await store.close()
        assert (await reopened_revision(tmp_path)) == 7

    asyncio.run(story())


async def reopened_revision(directory):
    store = await open_sqlite(directory)
    await store.close()
    return store.revision


def test_garbage_in_the_middle_of_the_file_is_refused(tmp_path):
    async def story():
        store = await open_sqlite(tmp_path)
        for index in range(200):
            await store.create(f"/core/pods/a/{index}", b"x" * 1000)
        await store.close()
        content = bytearray((tmp_path / "store.db").read_bytes())
        content[40960:49152] = b"\xa5" * 8192
        (tmp_path / "store.db").write_bytes(content)
        with pytest.raises(StoreFailed, match="restore it from a backup"):
            await open_sqlite(tmp_path)

    asyncio.run(story())

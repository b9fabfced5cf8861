"""A full disk: a clear refusal, reads and deletions go on, nothing is lost or half-made."""

import asyncio
import os
import subprocess
from contextlib import contextmanager

import pytest

from moorage.store.ports import AmbiguousWrite, Record, StoreFailed, StoreFull
from moorage.store.sqlite.backend import open_sqlite

KIB = 1024


@pytest.fixture
def small_disk(tmp_path):
    """Mount 2 MiB of memory."""
    if os.geteuid() != 0:
        pytest.skip("needs root: mounts a small disk")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], check=False)
    if made.returncode:
        pytest.skip("needs the right to mount: mounts a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


@contextmanager
def filled(directory, keep):
    """Fill the disk up to `keep` bytes while the block runs."""
    room = os.statvfs(directory)
    with open(directory / "ballast", "wb") as file:
        file.write(b"\0" * (room.f_bavail * room.f_frsize - keep))
    yield
    (directory / "ballast").unlink()


async def write_until_refused(store):
    """Return the records that were acknowledged, and the refusal."""
    made = []
    try:
        while True:
            made.append(await store.create(f"/core/pods/a/{len(made)}", b"x" * 4 * KIB))
    except (StoreFailed, AmbiguousWrite) as error:
        return made, error


def test_below_the_reserve_writes_are_refused_until_there_is_room(small_disk):
    async def story():
        store = await open_sqlite(small_disk / "store", reserve=512 * KIB)
        with filled(small_disk, 900 * KIB):
            made, error = await write_until_refused(store)
            assert isinstance(error, StoreFull)
            assert str(error) == f"the disk of {small_disk}/store is nearly full: free some space"
            assert (await store.get(made[0].key)) == made[0]
            gone = await store.delete(made[0].key, made[0].revision)
            assert gone.revision == len(made) + 1
            with pytest.raises(StoreFull):
                await store.update(made[1].key, b"", made[1].revision)
        assert (await store.create("/core/pods/a/again", b"")).revision == len(made) + 2
        await store.close()

    asyncio.run(story())


def test_a_disk_that_fills_up_all_the_same_stops_the_store_and_keeps_every_acknowledged_write(small_disk):
    async def story():
        store = await open_sqlite(small_disk / "store", reserve=0)
        watch = store.watch("/", 0)
        with filled(small_disk, 400 * KIB):
            made, error = await write_until_refused(store)
            assert len(made) > 10
            assert "the disk is full: free some space, then start again" in str(error)
            with pytest.raises(StoreFailed):
                await store.create("/core/pods/a/next", b"")
            with pytest.raises(StoreFailed):
                await store.get(made[0].key)
            with pytest.raises(StoreFailed):
                await anext(watch)
            await store.close()
        reopened = await open_sqlite(small_disk / "store", reserve=0)
        records = (await reopened.list("/")).records
        assert sorted(records, key=lambda record: record.revision)[: len(made)] == made
        assert isinstance(await reopened.create("/core/pods/b/1", b""), Record)
        await reopened.close()

    asyncio.run(story())


def test_of_a_group_that_cannot_be_written_nothing_is_there(small_disk):
    async def story():
        store = await open_sqlite(small_disk / "store", reserve=0)
        writes = (store.create(f"/core/pods/a/{index}", b"x" * 64 * KIB) for index in range(100))
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert all(isinstance(one, (StoreFailed, AmbiguousWrite)) for one in results)
        await store.close()
        reopened = await open_sqlite(small_disk / "store", reserve=0)
        assert (await reopened.list("/")).records == ()
        await reopened.close()

    asyncio.run(story())

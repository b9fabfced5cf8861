"""Power cuts at many moments: every acknowledged write survives, whatever part of the un-synced rest does."""

import asyncio

import pytest

from moorage.store.ports import StoreFailed
from moorage.store.sqlite.backend import open_sqlite
from tests.unit.store.sqlite.powerloss import SURVIVALS, Recording, RecordingVFS

WRITES = 60
CRASHES = 20


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Record sequential and concurrent writes, compactions and checkpoints."""
    found = Recording()
    vfs = RecordingVFS("recording", found)
    asyncio.run(work(tmp_path_factory.mktemp("recorded"), found))
    vfs.unregister()
    return found


async def work(directory, recording):
    """Write values that name their revision; acknowledge each."""
    store = await open_sqlite(directory, vfs="recording")

    async def write(number):
        key = f"/core/pods/a/{number}"
        record = await store.create(key, b"x" * 3000)
        recording.ack(record.revision)
        for _ in range(3):
            record = await store.update(key, b"y" * 20000 + b"%d" % number, record.revision)
            recording.ack(record.revision)
        recording.ack((await store.delete(key, record.revision)).revision)

    await write(1000)
    await asyncio.gather(*(write(number) for number in range(WRITES)))
    await store.compact(store.revision - 20)
    await write(1001)
    await store.close()


async def reopened(directory):
    """Return the revision of the store in `directory`; opening checks every row and that none is missing."""
    store = await open_sqlite(directory)
    revision = store.revision
    assert (await store.create("/core/pods/a/after", b"")).revision == revision + 1
    await store.close()
    return revision


@pytest.mark.parametrize("survival", SURVIVALS)
def test_no_acknowledged_write_is_lost(tmp_path, recording, survival):
    assert recording.acked(len(recording.steps)) == (WRITES + 2) * 5
    for crash in range(CRASHES):
        moment = len(recording.steps) * (crash + 1) // CRASHES
        directory = tmp_path / str(crash)
        directory.mkdir()
        recording.image(directory, moment, SURVIVALS[survival])
        assert asyncio.run(reopened(directory)) >= recording.acked(moment), f"crash before step {moment}"


def test_a_disk_that_lies_about_syncs_is_noticed_by_this_test(tmp_path, recording):
    """The control: without syncs, acknowledged writes are lost; otherwise the test above would prove nothing."""
    liar = Recording()
    liar.steps = [step for step in recording.steps if step.offset >= 0]
    liar.image(tmp_path, len(liar.steps), SURVIVALS["first half"])
    try:
        revision = asyncio.run(reopened(tmp_path))
    except StoreFailed:
        revision = 0
    assert revision < liar.acked(len(liar.steps))

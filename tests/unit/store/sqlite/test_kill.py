"""SIGKILL at any moment: every acknowledged write survives, revisions go on, nothing is half there."""

import asyncio
import signal
import subprocess
import sys

import pytest

from moorage.store.ports import Record
from moorage.store.sqlite.backend import open_sqlite

# Ten writers; each prints a revision only once it was acknowledged. One more compacts all the time.
CHILD = """
import asyncio, os, sys
from pathlib import Path
from moorage.store.sqlite.backend import open_sqlite

async def write(store, number):
    key = f"/core/pods/a/{number}"
    record = await store.get(key) or await store.create(key, b"0")
    while True:
        if record.revision % 7 == 0:
            await store.delete(key, record.revision)
            record = await store.create(key, b"0")
        else:
            record = await store.update(key, b"%d" % (record.revision), record.revision)
        os.write(1, b"%d %d\\n" % (number, record.revision))

async def compact(store):
    while True:
        await store.compact(max(store.revision - 50, 0))
        await store.create(f"/core/nodes/-/{store.revision}", b"")

async def run():
    store = await open_sqlite(Path(sys.argv[1]))
    await asyncio.gather(compact(store), *(write(store, number) for number in range(10)))

asyncio.run(run())
"""
KILLS = 10


def kill_after(directory, lines):
    """Run the child until it acknowledged `lines` writes, kill it, return every (writer, revision) it printed."""
    command = [sys.executable, "-c", CHILD, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        acked = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        acked += child.stdout.read().splitlines(keepends=True)
    assert child.returncode == -signal.SIGKILL
    return [tuple(map(int, line.split())) for line in acked if line.endswith("\n")]


async def check(directory, acked):
    """Open the file and compare it with what was acknowledged; return its revision."""
    store = await open_sqlite(directory)
    assert store.revision >= max(revision for _, revision in acked)
    for number, revision in dict(acked).items():
        record = await store.get(f"/core/pods/a/{number}")
        if record is None:  # its deletion was under way: that is a later revision
            assert store.revision > revision
        else:
            assert record.revision >= revision
    found = store.revision
    assert await store.create(f"/core/nodes/-/check{found}", b"") == Record(
        f"/core/nodes/-/check{found}", b"", found + 1, found + 1
    )
    await store.close()
    return found


@pytest.mark.slow
def test_acknowledged_writes_survive_sigkill(tmp_path):
    last = 0
    for round_number in range(KILLS):
        acked = kill_after(tmp_path, 40 + 37 * round_number)
        assert min(revision for _, revision in acked) > last
        last = asyncio.run(check(tmp_path, acked))
    assert last > 40 * KILLS

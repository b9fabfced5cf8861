"""One process per directory; a dead holder is no obstacle."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from moorage.base.errors import UserError
from moorage.store.ports import StoreInUse
from moorage.store.sqlite.backend import open_sqlite

HOLDER = """
import asyncio, sys
from pathlib import Path
from moorage.store.sqlite.backend import open_sqlite

async def hold():
    store = await open_sqlite(Path(sys.argv[1]))
    print("open", flush=True)
    await asyncio.get_running_loop().create_future()

asyncio.run(hold())
"""


async def open_and_close(directory):
    store = await open_sqlite(directory)
    await store.close()


def test_a_second_process_is_told_who_holds_the_directory_until_that_one_dies(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse) as refused:
            asyncio.run(open_sqlite(tmp_path))
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert refused.value.pid == holder.pid
    assert str(refused.value) == (
        f"{tmp_path} is in use by process {holder.pid}: stop that one first, or take another directory"
    )
    assert isinstance(refused.value, UserError)
    assert (tmp_path / "lock").read_text() == f"{holder.pid}\n"
    asyncio.run(open_and_close(tmp_path))


def test_a_second_opening_in_the_same_process_is_refused(tmp_path):
    async def story():
        store = await open_sqlite(tmp_path)
        with pytest.raises(StoreInUse) as refused:
            await open_sqlite(tmp_path)
        assert refused.value.pid == os.getpid()
        await store.close()
        await open_and_close(tmp_path)

    asyncio.run(story())


def test_a_lock_file_of_a_process_long_gone_is_taken_over(tmp_path):
    (tmp_path / "lock").write_text("999999\n")
    asyncio.run(open_and_close(tmp_path))
    assert (tmp_path / "lock").read_text() == ""

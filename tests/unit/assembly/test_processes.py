"""A recorded process is found while it lives, and only that very process."""

import asyncio
import dataclasses
import os
import sys
from pathlib import Path

from moorage.assembly import processes
from moorage.base.system import SystemClock

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
IGNORE_SIGTERM = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
STUBBORN = [sys.executable, "-c", IGNORE_SIGTERM]


def stop(process: processes.Process, seconds: float = 10.0) -> bool:
    try:
        return asyncio.run(processes.stop(process, SystemClock(), seconds))
    finally:
        os.waitpid(process.pid, 0)


def test_found_while_it_lives(tmp_path: Path) -> None:
    process = processes.start(tmp_path, "sleeper", SLEEPER, tmp_path / "log")
    assert processes.find(tmp_path, "sleeper") == process
    assert stop(process)
    assert processes.find(tmp_path, "sleeper") is None


def test_another_process_with_the_same_pid_is_not_ours(tmp_path: Path) -> None:
    mine = processes.Process("me", os.getpid(), processes.start_time(os.getpid()))
    assert processes.alive(mine)
    assert not processes.alive(dataclasses.replace(mine, started="1"))


def test_a_stubborn_process_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = processes.start(tmp_path, "stubborn", [*STUBBORN, str(ready)], tmp_path / "log")

    async def until_ready() -> None:
        while not ready.exists():
            await SystemClock().sleep(0.01)

    asyncio.run(asyncio.wait_for(until_ready(), 10))
    assert not stop(process, 0.05)


def test_a_broken_record_is_no_process(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    assert processes.find(tmp_path, "x") is None
    assert processes.recorded(tmp_path) == ["x"]
    processes.forget(tmp_path, "x")
    assert processes.recorded(tmp_path) == []

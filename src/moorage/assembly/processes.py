"""Processes that outlive the command that started them: start, find again, stop.

In: a name and a command. Out: one JSON file a process in the `run` directory, with pid and start time, so that a
reused pid is never mistaken for ours.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from moorage.assembly.pki import write_private
from moorage.base.ports import Clock

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Process:
    """A process we started. `started` is the kernel's start time in clock ticks since boot ("" where it has none)."""

    name: str
    pid: int
    started: str


def command(*words: str) -> list[str]:
    """Return the command line that runs `moor` with these words under the same interpreter."""
    return [sys.executable, "-m", "moorage", *words]


def start(run: Path, name: str, words: Sequence[str], log: Path) -> Process:
    """Start a process in a session of its own, output appended to `log`, and remember it."""
    with log.open("ab") as output:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    process = Process(name, child.pid, start_time(child.pid))
    remember(run, process)
    return process


def remember(run: Path, process: Process) -> None:
    """Write the record of a process."""
    write_private(_record(run, process.name), json.dumps(asdict(process)).encode())


def forget(run: Path, name: str) -> None:
    """Remove the record of a process."""
    _record(run, name).unlink(missing_ok=True)


def find(run: Path, name: str) -> Process | None:
    """Return the process recorded under `name` if it still lives."""
    try:
        process = Process(**json.loads(_record(run, name).read_text()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None
    return process if alive(process) else None


def recorded(run: Path) -> list[str]:
    """Return the names of all recorded processes, living or not."""
    return sorted(path.stem for path in run.glob("*.json"))


def alive(process: Process) -> bool:
    """Return whether this very process still runs (a zombie does not)."""
    return bool(process.started) and start_time(process.pid) == process.started


def start_time(pid: int) -> str:
    """Return the start time of a running process, "" for none or a zombie: field 22 of proc(5) `stat`, or `ps`."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _start_time_by_ps(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _start_time_by_ps(pid: int) -> str:
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


async def stop(process: Process, clock: Clock, seconds: float) -> bool:
    """End a process: SIGTERM, then SIGKILL after `seconds`. Returns whether it went by itself (or was gone)."""
    if not _signal(process, signal.SIGTERM):
        return True
    deadline = clock.monotonic() + seconds
    while alive(process):
        if clock.monotonic() > deadline:
            _signal(process, signal.SIGKILL)
            return False
        await clock.sleep(POLL_SECONDS)
    return True


def _signal(process: Process, number: int) -> bool:
    if not alive(process):
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _record(run: Path, name: str) -> Path:
    return run / f"{name}.json"

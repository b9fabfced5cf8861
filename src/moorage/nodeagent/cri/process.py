"""Processes recognised for sure: a process id together with when that process started and in which boot.

In: process ids. Out: `Identity` values that survive in a file; a stranger with a reused id is never taken for ours.
"""

import json
import os
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Fields of /proc/PID/stat after the command's closing parenthesis (proc(5)): state is field 3, start time field 22.
STATE_FIELD, START_FIELD = 0, 19
DEAD_STATES = "ZXx"


@dataclass(frozen=True, slots=True)
class Identity:
    """One process. `started` is in clock ticks since the boot `boot`."""

    pid: int
    started: int
    boot: str

    def alive(self) -> bool:
        """Tell whether exactly this process still runs; one that only waits for its parent does not."""
        _reap(self.pid)
        return identify(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if the process still runs."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def save(self, file: Path) -> None:
        """Write to a file, whole or not at all."""
        temporary = file.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self)))
        temporary.replace(file)


def identify(pid: int) -> Identity | None:
    """Return who `pid` is now, None where nobody lives under it."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    if fields[STATE_FIELD] in DEAD_STATES:
        return None
    return Identity(pid, int(fields[START_FIELD]), BOOT_ID.read_text().strip())


def load(file: Path) -> Identity | None:
    """Return the identity a file holds, None where it is absent or unreadable."""
    try:
        return Identity(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def command_lines() -> dict[int, str]:
    """Return the command line of every process, arguments separated by blanks."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def _reap(pid: int) -> None:
    # Where we started it ourselves, a dead child stays a zombie until it is waited for.
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)

"""Reading containers' log files: CRI's format, from wherever and for as long as the client wants.

In: a log file, `LogOptions`. Out: bytes, line by line. Follows across rotation; opens no links. Pure parts first.
CRI's format: `TIME stream F|P text`; P lines are parts of a longer one (facts: runtime 3).
"""

import datetime
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from moorage.api.times import parse_time
from moorage.base.ports import Clock

POLL_SECONDS = 0.1
BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a client asks for.

    Args:
        follow: go on until the container has ended.
        tail: only the last lines, None for all.
        since: only lines from this moment on.
        timestamps: begin each line with its time.
        limit_bytes: stop after so many, 0 for no bound.
    """

    follow: bool = False
    tail: int | None = None
    since: datetime.datetime | None = None
    timestamps: bool = False
    limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log file; `whole` is False for a part of a longer line."""

    time: str
    text: bytes
    whole: bool


def parse(line: bytes) -> Entry | None:
    """Return the entry of one line of a log file, None for what is none."""
    parts = line.rstrip(b"\n").split(b" ", 3)
    if len(parts) < 3:
        return None
    text = parts[3] if len(parts) == 4 else b""
    return Entry(parts[0].decode(errors="replace"), text, not parts[2].startswith(b"P"))


def render(entry: Entry, options: LogOptions, *, continued: bool) -> bytes:
    """Return what a client sees of an entry; `continued` says that it goes on a line begun before."""
    if options.since is not None and _older(entry.time, options.since):
        return b""
    head = f"{entry.time} ".encode() if options.timestamps and not continued else b""
    return head + entry.text + (b"\n" if entry.whole else b"")


def _older(time: str, moment: datetime.datetime) -> bool:
    return parse_time(time) < moment


def rendered(lines: Iterable[bytes], options: LogOptions) -> Iterator[bytes]:
    """Return what a client sees of the lines of a log file."""
    continued = False
    for line in lines:
        entry = parse(line)
        if entry is None:
            continue
        shown = render(entry, options, continued=continued)
        continued = not entry.whole
        if shown:
            yield shown


def tail_lines(source: BinaryIO, count: int) -> list[bytes]:
    """Return the file's last `count` log lines, each with all its parts, reading from its end."""
    size = source.seek(0, os.SEEK_END)
    data = b""
    while size > 0 and _whole_lines(data) <= count:
        step = min(BLOCK, size)
        size -= step
        source.seek(size)
        data = source.read(step) + data
    lines = data.splitlines(keepends=True)
    if size > 0:
        del lines[0]
    return _last(lines, count)


def _whole_lines(data: bytes) -> int:
    return sum(1 for line in data.splitlines() if (entry := parse(line)) is not None and entry.whole)


def _last(lines: list[bytes], count: int) -> list[bytes]:
    kept: deque[list[bytes]] = deque(maxlen=count) if count else deque(maxlen=0)
    current: list[bytes] = []
    for line in lines:
        current.append(line)
        entry = parse(line)
        if entry is not None and entry.whole:
            kept.append(current)
            current = []
    if current and count:
        kept.append(current)
    return [line for group in kept for line in group]


class Tail:
    """Reads a log file from a position on, whole lines only."""

    def __init__(self, source: BinaryIO) -> None:
        self.source = source
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """Return the lines that are complete by now."""
        while block := self.source.read(BLOCK):
            *whole, self._rest = (self._rest + block).split(b"\n")
            yield from (line + b"\n" for line in whole)

    @property
    def inode(self) -> int:
        """Which file this is."""
        return os.fstat(self.source.fileno()).st_ino


def open_log(path: Path) -> BinaryIO:
    """Open a log file; a link in its place is refused. Raises: OSError."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


async def read(path: Path, options: LogOptions, clock: Clock, alive: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Yield a container's log.

    Args:
        path: its log file.
        options: what the client asks for.
        clock: time between looks while following.
        alive: whether the container may still write.

    Raises:
        OSError: there is no such log.
    """
    source = open_log(path)
    tail = Tail(source)
    left = options.limit_bytes or None
    try:
        first = [] if options.tail is None else tail_lines(source, options.tail)
        async for shown in _shown(path, tail, (first, options), (clock, alive)):
            if left is not None and len(shown) >= left:
                yield shown[:left]
                return
            left = left - len(shown) if left is not None else None
            yield shown
    finally:
        tail.source.close()


async def _shown(
    path: Path, tail: Tail, wanted: tuple[list[bytes], LogOptions], waiting: tuple[Clock, Callable[[], bool]]
) -> AsyncIterator[bytes]:
    first, options = wanted
    clock, alive = waiting
    for shown in rendered(first, options):
        yield shown
    while True:
        # Asked before reading: what is written until the end is read after the end is known.
        more = options.follow and alive()
        block = b"".join(rendered(tail.lines(), options))
        if block:
            yield block
        if _rotated(path, tail):
            continue
        if not more:
            return
        if not block:
            await clock.sleep(POLL_SECONDS)


def _rotated(path: Path, tail: Tail) -> bool:
    """Go on with the new file if the log was rotated; return whether it was."""
    try:
        fresh = open_log(path)
    except OSError:
        return False
    if os.fstat(fresh.fileno()).st_ino == tail.inode:
        fresh.close()
        return False
    for_rest = tail.source
    tail.source = fresh
    for_rest.close()
    return True

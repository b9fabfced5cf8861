"""This side of an interactive session: standard input as it comes, raw mode, the window's size.

In: file descriptors. Out: chunks of bytes; (columns, lines). Everything is put back as it was.
"""

import asyncio
import contextlib
import os
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterator

CHUNK_BYTES = 65536


async def chunks(descriptor: int) -> AsyncIterator[bytes]:
    """Yield what is typed or piped in, until its end, without a thread that could outlive the session."""
    while True:
        await _readable(descriptor)
        data = os.read(descriptor, CHUNK_BYTES)
        if not data:
            return
        yield data


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:
        return  # a regular file or /dev/null: epoll refuses it, and it never blocks
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


@contextlib.contextmanager
def raw(resized: Callable[[int, int], None]) -> Iterator[None]:
    """Hand every key to the other side; `resized(columns, lines)` is called once at the start and after each change."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    loop = asyncio.get_running_loop()
    tty.setraw(descriptor)
    try:
        loop.add_signal_handler(signal.SIGWINCH, lambda: resized(*os.get_terminal_size(descriptor)))
        resized(*os.get_terminal_size(descriptor))
        yield
    finally:
        loop.remove_signal_handler(signal.SIGWINCH)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

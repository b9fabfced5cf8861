"""Exec and attach over a WebSocket: numbered channels in one connection (facts/apiserver.md 4).

In: an open WebSocket. Out: `Channels`: bytes to and from stdin, stdout, stderr, and the outcome.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp

from moorage.base.errors import Unavailable

STDIN, STDOUT, STDERR, OUTCOME, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PROTOCOLS = (V5, V4)


class Frame(NamedTuple):
    """Bytes of one channel."""

    channel: int
    data: bytes


class Channels:
    """One session."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, data: bytes) -> None:
        """Send to the process' standard input."""
        await self._socket.send_bytes(bytes([STDIN]) + data)

    async def end_input(self) -> None:
        """Close standard input; v4 cannot, so there the process goes on waiting (upstream's known limit)."""
        if self._socket.protocol == V5:
            await self._socket.send_bytes(bytes([CLOSE, STDIN]))

    async def resize(self, width: int, height: int) -> None:
        """Tell the size of the terminal, in characters."""
        size = json.dumps({"Width": width, "Height": height}).encode()
        await self._socket.send_bytes(bytes([RESIZE]) + size)

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield what the process writes; the last frame is of channel OUTCOME. Raises: Unavailable."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.ERROR:
                raise Unavailable(f"the session broke off: {message.data}")
            data = message.data if isinstance(message.data, bytes) else str(message.data).encode()
            if data:
                yield Frame(data[0], data[1:])

    async def close(self) -> None:
        """End the session."""
        await self._socket.close()


def exit_code(outcome: bytes) -> tuple[int, str]:
    """Return (exit code, message) of an OUTCOME frame: 0 for success, 1 where it names no code."""
    status: dict[str, Any] = json.loads(outcome)
    if status.get("status") == "Success":
        return 0, ""
    causes = (status.get("details") or {}).get("causes") or ()
    code = next((cause["message"] for cause in causes if cause.get("reason") == "ExitCode"), "1")
    return int(code), status.get("message", "")

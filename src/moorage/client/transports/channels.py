"""Exec over SPDY/3.1, as kubectl's own fallback does it: one stream a channel, and standard input can end.

In: a request for a pod's `exec`. Out: `Channels`: bytes to and from stdin, stdout, stderr, and the outcome. The servers behind
(containerd up to 1.6 among them) close no input over WebSockets (facts: runtime 6).
Needs nothing but the standard library: importing aiohttp takes longer than many a command.
"""

import asyncio
import http.client
import io
import json
import ssl
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from moorage.base.errors import ApiError, Unavailable
from moorage.client import responses
from moorage.client.ports import Request
from moorage.client.transports import spdy
from moorage.client.transports.plain import CHUNK_BYTES, CONNECT_SECONDS, target

STDIN, STDOUT, STDERR, OUTCOME, RESIZE = "stdin", "stdout", "stderr", "error", "resize"
PROTOCOL = "v4.channel.k8s.io"
_BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, http.client.HTTPException)


class Frame(NamedTuple):
    """Bytes of one channel."""

    channel: str
    data: bytes


class Channels:
    """One session.

    Args:
        reader: what comes after the server agreed.
        writer: the same connection's other direction.
        names: channels to open; the server waits for just these.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, names: list[str]) -> None:
        self._reader = reader
        self._writer = writer
        encoder = spdy.Encoder()
        self._streams = {name: 2 * index + 1 for index, name in enumerate(names)}
        for name, stream in self._streams.items():
            writer.write(encoder.syn_stream(stream, {"streamtype": name}))

    async def send(self, data: bytes) -> None:
        """Send to the process' standard input."""
        await self._write(spdy.data(self._streams[STDIN], data))

    async def end_input(self) -> None:
        """Close standard input."""
        await self._write(spdy.data(self._streams[STDIN], b"", last=True))

    async def resize(self, width: int, height: int) -> None:
        """Tell the size of the terminal, in characters."""
        size = json.dumps({"Width": width, "Height": height}).encode()
        await self._write(spdy.data(self._streams[RESIZE], size))

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield what the process writes; the last frame, if the session ended well, is of channel OUTCOME.

        Raises: Unavailable.
        """
        names = {stream: name for name, stream in self._streams.items()}
        outcome = b""
        async for frame in self._received():
            if isinstance(frame, spdy.Control):
                if frame.type == spdy.Type.PING:
                    await self._write(spdy.control(spdy.Type.PING, frame.body))
            elif names.get(frame.stream) == OUTCOME:
                outcome += frame.data
                if frame.last:
                    break
            elif frame.data and frame.stream in names:
                yield Frame(names[frame.stream], frame.data)
        if outcome:
            yield Frame(OUTCOME, outcome)

    async def close(self) -> None:
        """End the session."""
        self._writer.close()

    async def _received(self) -> AsyncIterator[spdy.Data | spdy.Control]:
        decoder = spdy.Decoder()
        try:
            while received := await self._reader.read(CHUNK_BYTES):
                for frame in decoder.feed(received):
                    yield frame
        except OSError as problem:
            raise Unavailable(f"the session broke off: {problem}") from problem

    async def _write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as problem:
            raise Unavailable(f"the session broke off: {problem}") from problem


async def open_channels(server: str, tls: ssl.SSLContext | None, token: str, request: Request) -> Channels:
    """Open an exec session.

    Args:
        server: base URL.
        tls: trust and client certificate; None for plain http.
        token: bearer token, "" for none.
        request: path and query; its flags say which channels there are.

    Raises: ApiError (refused), Unavailable.
    """
    url = urlsplit(server)
    connecting = asyncio.open_connection(url.hostname, url.port or (443 if tls else 80), ssl=tls)
    try:
        reader, writer = await asyncio.wait_for(connecting, CONNECT_SECONDS)
        writer.write(_head(url.netloc, url.path.rstrip("/") + target(request), token))
        code, headers = await _answer(reader)
        if code != HTTPStatus.SWITCHING_PROTOCOLS:
            data = await reader.read(int(headers.get("Content-Length") or CHUNK_BYTES))
            writer.close()
            raise ApiError(responses.parse_document(data, code))
    except TimeoutError as problem:
        raise Unavailable(f"no answer from {server} in time") from problem
    except _BROKEN as problem:
        raise Unavailable(f"cannot reach {server}: {problem or type(problem).__name__}") from problem
    return Channels(reader, writer, wanted(request))


def _head(host: str, path: str, token: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: SPDY/3.1",
        f"X-Stream-Protocol-Version: {PROTOCOL}",
        "Content-Length: 0",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


async def _answer(reader: asyncio.StreamReader) -> tuple[int, http.client.HTTPMessage]:
    """Return status and headers of the answer's head."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    words = first.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise http.client.BadStatusLine(first.decode("latin-1"))
    return int(words[1]), http.client.parse_headers(io.BytesIO(rest))


def wanted(request: Request) -> list[str]:
    """Return the channels the flags ask for; the outcome's comes first, as with kubectl."""
    given = {name for name, value in request.query if value == "true"}
    names = [OUTCOME, *(name for name in (STDIN, STDOUT, STDERR) if name in given)]
    return [*names, RESIZE] if "tty" in given else names


def exit_code(outcome: bytes) -> tuple[int, str]:
    """Return (exit code, message) of an OUTCOME frame: 0 for success, 1 where it names no code."""
    status: dict[str, Any] = json.loads(outcome)
    if status.get("status") == "Success":
        return 0, ""
    causes = (status.get("details") or {}).get("causes") or ()
    code = next((cause["message"] for cause in causes if cause.get("reason") == "ExitCode"), "1")
    return int(code), status.get("message", "")

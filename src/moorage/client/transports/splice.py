"""Hands a client's connection over to a streaming server: the upgrade head goes on, then raw bytes both ways.

In: an aiohttp request that wants an upgrade, the URL of who takes it. Out: bytes; nothing is understood here.
Facts: runtime 6 (SPDY is none of aiohttp's upgrades, so the connection is taken before any answer was sent).
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

# Hop headers go on as they are (Upgrade, Connection); what identifies the caller does not.
_DROPPED = ("authorization", "host", "content-length", "transfer-encoding")
_HEADER_END = b"\r\n\r\n"


class Spliced(web.StreamResponse):
    """The answer of a handler whose connection now belongs to somebody else: nothing is written."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing."""


class _Side(asyncio.Protocol):
    """One end of the splice: what comes in goes to the other end; a full other end stops reading here."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.peer: _Side | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the class.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        # Under TLS there is no half-close; in the clear the streaming protocols carry their own end marks.
        return False

    def pause_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.close()


def head(method: str, url: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the request head for the streaming server: its own path, the client's headers, no credentials."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _DROPPED]
    return "\r\n".join(lines).encode("latin-1") + _HEADER_END


async def splice(request: web.BaseRequest, url: str, tls: ssl.SSLContext | None = None) -> Spliced:
    """Connect the client to `url` until one of both hangs up. Raises: OSError (nobody answers there)."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    server, client = _Side(), _Side()
    await loop.create_connection(lambda: server, parts.hostname or "127.0.0.1", parts.port or 80, ssl=tls)
    transport, before = request.transport, request.protocol
    if transport is None or server.transport is None:
        raise ConnectionResetError("the client is gone")
    client.transport, client.peer, server.peer = transport, server, client
    server.transport.write(head(request.method, url, request.headers.items()))
    # What the client sent right behind its head was read already: aiohttp keeps it here (facts: runtime 6).
    early = getattr(before, "_message_tail", b"")
    transport.set_protocol(client)
    if early:
        server.transport.write(early)
    try:
        await asyncio.wait([server.ended, client.ended])
    finally:
        transport.close()
        server.transport.close()
        before.connection_lost(None)
    return Spliced()

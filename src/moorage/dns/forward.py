"""Names that are not the cluster's: asked of the host's own resolvers, or refused where there are none.

In: the client's packet. Out: the resolver's packet, with the client's id. Nothing is cached: the host's resolver does that.
"""

import asyncio
import ipaddress
import struct
from collections.abc import Sequence
from typing import cast

from moorage.base.errors import Unavailable
from moorage.base.ports import Ids

TIMEOUT_SECONDS = 2.0
PORT = 53
MAX_MESSAGE_BYTES = 65535


def resolvers(resolv_conf: str, own: Sequence[str]) -> list[str]:
    """Return the nameservers of a resolv.conf(5) text without our own addresses, so that no query goes in a circle."""
    found = []
    for line in resolv_conf.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver" and words[1] not in own and _is_address(words[1]):
            found.append(words[1])
    return found


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class Forwarder:
    """Asks each resolver in turn.

    Args:
        servers: addresses, asked in order.
        ids: for an unpredictable message id toward the resolver.
        port: their port.
    """

    def __init__(self, servers: Sequence[str], ids: Ids, port: int = PORT) -> None:
        self._servers = tuple(servers)
        self._ids = ids
        self._port = port

    @property
    def available(self) -> bool:
        """Whether there is anyone to ask."""
        return bool(self._servers)

    async def ask(self, packet: bytes, *, tcp: bool) -> bytes:
        """Return the first answer. Raises: Unavailable where no resolver answers in time."""
        ident = self._ids.token(2).encode()[:2]
        for server in self._servers:
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    answer = await (_by_tcp if tcp else _by_udp)(server, self._port, ident + packet[2:])
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                continue
            return packet[:2] + answer[2:]
        raise Unavailable("no resolver answered")


async def _by_udp(server: str, port: int, packet: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: _OneAnswer(packet, answer), remote_addr=(server, port))
    try:
        return await answer
    finally:
        transport.close()


class _OneAnswer(asyncio.DatagramProtocol):
    """Sends one packet, takes the first answer that carries its id."""

    def __init__(self, packet: bytes, answer: "asyncio.Future[bytes]") -> None:
        self._packet = packet
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.DatagramTransport, transport).sendto(self._packet)

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if data[:2] == self._packet[:2] and not self._answer.done():
            self._answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(exc)


async def _by_tcp(server: str, port: int, packet: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(server, port)
    try:
        writer.write(struct.pack("!H", len(packet)) + packet)
        await writer.drain()
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        return await reader.readexactly(size)
    finally:
        writer.close()

"""The DNS server: UDP and TCP on one address.

In: packets. Out: packets; zone names from memory without awaiting, other names through `forward`. A query that cannot be read is
answered FORMERR or dropped; a forward that fails is SERVFAIL; without resolvers other names are REFUSED.
"""

import asyncio
import struct
from typing import cast

from moorage.base.errors import Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.dns import message
from moorage.dns.forward import MAX_MESSAGE_BYTES, Forwarder
from moorage.dns.message import Code, Malformed, Query, Reply
from moorage.dns.resolve import resolve
from moorage.dns.zone import Zone

IDLE_SECONDS = 10.0
MAX_FORWARDS = 256

_log = logger("dns")


class DnsServer:
    """One server for one zone.

    Args:
        zone: records; may change at any time.
        forwarder: asks for other names.
        clock: for the SOA serial.
    """

    def __init__(self, zone: Zone, forwarder: Forwarder, clock: Clock) -> None:
        self._zone = zone
        self._forwarder = forwarder
        self._clock = clock
        self._tasks = Tasks("dns", lambda name, error: _log.error("a DNS task failed", error, task=name))
        self._udp: list[asyncio.DatagramTransport] = []
        self._tcp: list[asyncio.Server] = []

    async def start(self, host: str, port: int) -> int:
        """Listen on `host`, UDP and TCP; return the port (useful when 0 was asked for). Raises: OSError."""
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._serve_stream, host, port)
        self._tcp.append(server)
        bound = int(server.sockets[0].getsockname()[1])
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=(host, bound))
        self._udp.append(transport)
        return bound

    async def stop(self) -> None:
        """Stop listening and end what is under way."""
        for transport in self._udp:
            transport.close()
        for server in self._tcp:
            server.close()
        await self._tasks.stop()

    def answer_now(self, packet: bytes, *, tcp: bool) -> bytes | Query | None:
        """Return the answer where no waiting is needed, the parsed query where it must be forwarded, None to say nothing."""
        try:
            query = message.parse_query(packet)
        except Malformed:
            return message.format_error(packet)
        reply = resolve(query, self._zone, int(self._clock.now().timestamp()))
        if reply is None and not self._forwarder.available:
            reply = Reply(Code.REFUSED, authoritative=False)
        return query if reply is None else self._encode(query, reply, tcp=tcp)

    async def answer(self, packet: bytes, *, tcp: bool) -> bytes | None:
        """Return the answer to one packet, forwarding where needed."""
        now = self.answer_now(packet, tcp=tcp)
        return await self._forward(now, packet, tcp=tcp) if isinstance(now, Query) else now

    def forward_later(self, query: Query, packet: bytes, transport: asyncio.DatagramTransport, peer: object) -> None:
        """Forward a UDP query in the background; beyond `MAX_FORWARDS` at once the query is dropped (clients ask again)."""

        async def work() -> None:
            transport.sendto(await self._forward(query, packet, tcp=False), peer)  # type: ignore[arg-type]  # peer is opaque

        if len(self._tasks) < MAX_FORWARDS:
            self._tasks.start("forward", work())

    async def _forward(self, query: Query, packet: bytes, *, tcp: bool) -> bytes:
        try:
            return await self._forwarder.ask(packet, tcp=tcp)
        except Unavailable:
            return self._encode(query, Reply(Code.SERVFAIL, authoritative=False), tcp=tcp)

    def _encode(self, query: Query, reply: Reply, *, tcp: bool) -> bytes:
        limit = MAX_MESSAGE_BYTES if tcp else message.udp_limit(query)
        return message.encode(query, reply, limit=limit, recursion_available=self._forwarder.available)

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    answer = await self.answer(await reader.readexactly(size), tcp=True)
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    """UDP: answers from the zone at once, everything else in the background."""

    _transport: asyncio.DatagramTransport

    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.answer_now(data, tcp=False)
        if isinstance(answer, Query):
            self._server.forward_later(answer, data, self._transport, addr)
        elif answer is not None:
            self._transport.sendto(answer, addr)

"""The server over real sockets on loopback: UDP, TCP, forwarding, and what happens without a resolver."""

import asyncio
import struct

from moorage.base.system import SystemClock, SystemIds
from moorage.dns.forward import Forwarder, resolvers
from moorage.dns.server import DnsServer
from moorage.dns.zone import Zone
from tests.unit.dns.wire import Answer, question, read
from tests.unit.dns.worlds import zone

NAME = "web-0.web.default.svc.cluster.local"


async def by_udp(port: int, packet: bytes) -> Answer:
    return read(await Forwarder(["127.0.0.1"], SystemIds(), port).ask(packet, tcp=False))


async def by_tcp(port: int, packets: list[bytes]) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for packet in packets:
        writer.write(struct.pack("!H", len(packet)) + packet)
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        answers.append(read(await reader.readexactly(size)))
    writer.close()
    return answers


def server(made: Zone, upstream: list[str] | None = None, port: int = 53) -> DnsServer:
    return DnsServer(made, Forwarder(upstream or [], SystemIds(), port), SystemClock())


def test_udp_and_tcp_give_the_same_answer() -> None:
    async def scenario() -> list[Answer]:
        running = server(zone())
        port = await running.start("127.0.0.1", 0)
        packet = question(NAME, 1, ident=99)
        answers = [await by_udp(port, packet), *await by_tcp(port, [packet, packet])]
        await running.stop()
        return answers

    expected = Answer(99, 0, truncated=False, authoritative=True, sections=([(NAME, 1, "10.42.0.1")], [], []))
    assert asyncio.run(scenario()) == [expected] * 3


def test_other_names_are_forwarded_by_both_ways() -> None:
    async def scenario() -> list[Answer]:
        upstream = server(zone())
        upstream_port = await upstream.start("127.0.0.1", 0)
        local = server(Zone("other.local"), ["127.0.0.1"], upstream_port)
        port = await local.start("127.0.0.1", 0)
        packet = question(NAME, 1, ident=5)
        answers = [await by_udp(port, packet), *await by_tcp(port, [packet])]
        await local.stop()
        await upstream.stop()
        return answers

    assert [(answer.id, answer.sections[0]) for answer in asyncio.run(scenario())] == [
        (5, [(NAME, 1, "10.42.0.1")])
    ] * 2


def test_without_a_resolver_that_listens_the_answer_is_servfail() -> None:
    async def scenario() -> Answer:
        closed = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        free_port = closed.sockets[0].getsockname()[1]
        closed.close()
        running = server(zone(), ["127.0.0.1"], free_port)
        port = await running.start("127.0.0.1", 0)
        (answer,) = await by_tcp(port, [question("example.com", 1)])
        await running.stop()
        return answer

    assert asyncio.run(scenario()).code == 2


def test_own_addresses_are_never_resolvers() -> None:
    text = "# host\nnameserver 10.43.0.10\nnameserver 192.0.2.1\nnameserver bad\noptions ndots:5\nnameserver ::1\n"
    assert resolvers(text, ["10.43.0.10"]) == ["192.0.2.1", "::1"]

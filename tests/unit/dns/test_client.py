"""What the client asks is what the server hears, what the server says is what the client reads; rubbish is refused."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.base.errors import Unavailable
from moorage.base.limits import DNS_UDP_BYTES
from moorage.base.system import SystemClock, SystemIds
from moorage.dns import client, message, names
from moorage.dns.forward import Forwarder
from moorage.dns.message import Code, Malformed, Record, Reply, Type
from moorage.dns.server import DnsServer
from tests.unit.dns.wire import question
from tests.unit.dns.worlds import zone

NAME = names.parse("web-0.web.default.svc.cluster.local")
LABELS = st.lists(st.text("abcdefghij0123456789-_", min_size=1, max_size=20), min_size=1, max_size=6).map(tuple)


def answer(records: tuple[Record, ...], name: names.Name = NAME, kind: int = Type.A, limit: int = 4096) -> bytes:
    query = message.parse_query(client.encode(7, name, kind))
    return message.encode(query, Reply(Code.NOERROR, records), limit=limit, recursion_available=False)


@given(LABELS, st.sampled_from(list(Type)), st.integers(0, 65535))
def test_a_question_arrives_as_asked(name: names.Name, kind: Type, ident: int) -> None:
    query = message.parse_query(client.encode(ident, name, kind))
    assert (query.id, query.name, query.type, query.klass, query.recursion) == (ident, name, kind, 1, True)


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (Type.A, ("10.42.0.1",), "10.42.0.1"),
        (Type.AAAA, ("fd00::1",), "fd00::1"),
        (Type.SRV, (0, 50, 80, NAME), "0 50 80 web-0.web.default.svc.cluster.local."),
        (Type.PTR, (NAME,), "web-0.web.default.svc.cluster.local."),
        (Type.TXT, ('say "hi"',), '"say \\"hi\\""'),
        (Type.SOA, (NAME, NAME, 1, 2, 3, 4, 5), " ".join([names.show(NAME)] * 2) + " 1 2 3 4 5"),
    ],
)
def test_records_are_read_as_text(kind: Type, data: tuple[str | int | names.Name, ...], text: str) -> None:
    got = client.decode(answer((Record(NAME, kind, 5, data),), kind=kind), 7, NAME, kind)
    assert got.answers == (client.Line(NAME, kind, 5, text),)
    assert (got.code, got.authoritative, got.truncated) == (Code.NOERROR, True, False)


def test_an_answer_to_something_else_is_refused() -> None:
    packet = answer((Record(NAME, Type.A, 5, ("10.42.0.1",)),))
    for ident, name, kind in ((8, NAME, Type.A), (7, NAME[1:], Type.A), (7, NAME, Type.AAAA)):
        with pytest.raises(Malformed):
            client.decode(packet, ident, name, kind)
    with pytest.raises(Malformed, match="not an answer"):
        client.decode(client.encode(7, NAME, Type.A), 7, NAME, Type.A)


def test_every_shortened_answer_is_refused() -> None:
    packet = answer((Record(NAME, Type.SRV, 5, (0, 50, 80, NAME)),), kind=Type.SRV)
    for size in range(len(packet)):
        with pytest.raises(Malformed):
            client.decode(packet[:size], 7, NAME, Type.SRV)


@given(st.data())
def test_a_damaged_answer_never_does_worse_than_malformed(data: st.DataObject) -> None:
    packet = bytearray(answer((Record(NAME, Type.SRV, 5, (0, 50, 80, NAME)),), kind=Type.SRV))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(2, len(packet) - 1))] = data.draw(st.integers(0, 255))
    try:
        got = client.decode(bytes(packet), 7, NAME, Type.SRV)
    except Malformed:
        return
    assert got.id == 7


def test_names_that_cannot_be_asked() -> None:
    for name in (("a" * 64,), ("a", "", "b"), ("a" * 60,) * 5):
        with pytest.raises(Malformed):
            client.encode(1, name, Type.A)


@pytest.fixture
def running() -> Iterator[tuple[str, int]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = DnsServer(zone(), Forwarder([], SystemIds()), SystemClock())
    port = asyncio.run_coroutine_threadsafe(made.start("127.0.0.1", 0), loop).result(5)
    yield "127.0.0.1", port
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_the_real_server_answers(running: tuple[str, int]) -> None:
    got = client.ask(running, 9, NAME, Type.A)
    assert [line.data for line in got.answers] == ["10.42.0.1"]
    assert client.ask(running, 9, ("nope", *NAME), Type.A).code == Code.NXDOMAIN


def test_nobody_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unavailable, match=f"port {port}"):
        client.ask(("127.0.0.1", port), 9, NAME, Type.A)


def test_what_does_not_fit_is_fetched_by_tcp() -> None:
    """A server that cuts by UDP and answers whole by TCP."""
    records = tuple(Record(NAME, Type.A, 5, (f"10.42.0.{number}",)) for number in range(40))
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(tcp.getsockname())

        def serve() -> None:
            _, peer = udp.recvfrom(4096)
            udp.sendto(answer(records, limit=300), peer)
            connection, _ = tcp.accept()
            with connection:
                connection.recv(4096)
                whole = answer(records)
                connection.sendall(struct.pack("!H", len(whole)) + whole)

        thread = threading.Thread(target=serve)
        thread.start()
        got = client.ask(tcp.getsockname()[:2], 7, NAME, Type.A)
        thread.join()
    assert (len(got.answers), got.truncated) == (40, False)


def test_the_question_is_what_other_clients_send() -> None:
    assert client.encode(7, NAME, 1) == question(names.show(NAME), 1, edns=DNS_UDP_BYTES)

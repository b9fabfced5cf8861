"""No packet, however bent, does anything but raise Malformed or get an answer."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.dns import message
from moorage.dns.message import Malformed
from tests.unit.dns.wire import question

HEADER = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        HEADER[:11],
        HEADER,
        HEADER + b"\x05ab",
        HEADER + b"\x01a\0\0\x01",
        HEADER + b"\xc0\x0c\0\x01\0\x01",
        HEADER + b"\x40" + b"a" * 64 + b"\0\0\x01\0\x01",
        struct.pack("!6H", 1, 0x8100, 1, 0, 0, 0) + b"\x01a\0\0\x01\0\x01",
        struct.pack("!6H", 1, 0x0100, 2, 0, 0, 0) + b"\x01a\0\0\x01\0\x01",
        HEADER + b"\x3f" + b"a" * 63 + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\x01\0\x01",
    ],
)
def test_bent_packets_are_refused(packet: bytes) -> None:
    with pytest.raises(Malformed):
        message.parse_query(packet)


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(packet: bytes) -> None:
    try:
        query = message.parse_query(packet)
    except Malformed:
        return
    assert len(message.encode(query, message.Reply(), limit=1232, recursion_available=False)) <= 1232


def test_a_response_gets_no_answer() -> None:
    assert message.format_error(struct.pack("!6H", 1, 0x8000, 0, 0, 0, 0)) is None
    assert message.format_error(HEADER) == b"\0\x01" + struct.pack("!5H", 0x8001, 0, 0, 0, 0)


def test_edns_tells_the_size() -> None:
    query = message.parse_query(question("a.b", 1, edns=4096))
    assert (query.name, query.udp_bytes, message.udp_limit(query)) == (("a", "b"), 4096, 1232)

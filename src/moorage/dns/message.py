"""DNS messages on the wire (RFC 1035, EDNS RFC 6891): one question in, one answer out.

In: bytes. Out: `Query`, or the bytes of a `Reply`. Malformed input raises `Malformed`, never anything else: every length is
checked before it is used, and compression pointers may only point backwards, so that no packet can loop.
"""

import ipaddress
import struct
from dataclasses import dataclass
from enum import IntEnum

from moorage.base.errors import MoorageError
from moorage.base.limits import DNS_UDP_BYTES
from moorage.dns.names import MAX_LABEL, MAX_NAME, Name

CLASS_IN, CLASS_ANY = 1, 255
OPT = 41
_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!2H")
_RECORD = struct.Struct("!2HIH")
_RESPONSE, _AUTHORITATIVE, _TRUNCATED, _RECURSION_DESIRED, _RECURSION_AVAILABLE = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
_OPCODE = 0x7800
_POINTER = 0xC0
_MAX_POINTER = 0x3FFF


class Malformed(MoorageError):
    """The packet is not a DNS query that can be answered."""


class Type(IntEnum):
    """Record types this server makes."""

    A = 1
    CNAME = 5
    SOA = 6
    PTR = 12
    TXT = 16
    AAAA = 28
    SRV = 33
    ANY = 255


class Code(IntEnum):
    """Response codes (RFC 1035 4.1.1, RFC 2136)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Args:
        id: to be repeated in the answer.
        name: owner asked for, lower case.
        type: number, not always one of `Type`.
        klass: 1 is IN.
        opcode: 0 is a standard query.
        recursion: whether the client desires recursion.
        udp_bytes: largest UDP answer the client takes; 0 without EDNS.
        question: the question's own bytes, repeated untouched so that the client's spelling survives.
    """

    id: int
    name: Name
    type: int
    klass: int
    opcode: int
    recursion: bool
    udp_bytes: int
    question: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record. `data` is text as in a zone file: an address, a name, `prio weight port target`, a string."""

    name: Name
    type: Type
    ttl: int
    data: tuple[str | int | Name, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before encoding."""

    code: Code = Code.NOERROR
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    authoritative: bool = True


def parse_query(packet: bytes) -> Query:
    """Return the question of a packet. Raises: Malformed."""
    if len(packet) < _HEADER.size:
        raise Malformed("shorter than a DNS header")
    ident, flags, questions, answers, authority, additional = _HEADER.unpack_from(packet)
    if flags & _RESPONSE:
        raise Malformed("a response, not a query")
    if questions != 1 or answers or authority:
        raise Malformed("not exactly one question")
    name, position = _read_name(packet, _HEADER.size)
    if position + _QUESTION.size > len(packet):
        raise Malformed("question cut short")
    kind, klass = _QUESTION.unpack_from(packet, position)
    end = position + _QUESTION.size
    udp_bytes = _edns_bytes(packet, end) if additional else 0
    opcode = (flags & _OPCODE) >> 11
    return Query(
        ident, name, kind, klass, opcode, bool(flags & _RECURSION_DESIRED), udp_bytes, packet[_HEADER.size : end]
    )


def encode(query: Query, reply: Reply, *, limit: int, recursion_available: bool) -> bytes:
    """Return the packet of a reply, at most `limit` bytes: what does not fit is left out and the TC bit set.

    Additional records are dropped first and silently (RFC 2181 9); a dropped answer sets TC, so that the client asks by TCP.
    """
    writer = _Writer(query.question)
    counts = [0, 0, 0]
    truncated = False
    room = limit - (11 if query.udp_bytes else 0)
    for index, section in enumerate((reply.answers, reply.authority, reply.additional)):
        for record in section:
            if truncated or not writer.add(record, room):
                truncated = truncated or index < 2
                break
            counts[index] += 1
    flags = _RESPONSE | reply.code | query.opcode << 11
    flags |= _AUTHORITATIVE * reply.authoritative | _TRUNCATED * truncated
    flags |= _RECURSION_DESIRED * query.recursion | _RECURSION_AVAILABLE * recursion_available
    if query.udp_bytes:
        writer.add_opt()
        counts[2] += 1
    return _HEADER.pack(query.id, flags, 1, *counts) + bytes(writer.body)


def format_error(packet: bytes) -> bytes | None:
    """Return a FORMERR answer to a malformed query, None where not even an id can be read or it is itself a response."""
    if len(packet) < _HEADER.size or packet[2] & 0x80:
        return None
    return packet[:2] + struct.pack("!5H", _RESPONSE | Code.FORMERR, 0, 0, 0, 0)


def udp_limit(query: Query) -> int:
    """Return the largest UDP answer for this client, bytes: 512 without EDNS, never more than `DNS_UDP_BYTES`."""
    return min(max(query.udp_bytes, 512), DNS_UDP_BYTES)


class _Writer:
    """Sections after the header, with name compression."""

    def __init__(self, question: bytes) -> None:
        self.body = bytearray(question)
        self._offsets: dict[Name, int] = {}
        self._remember(_read_name(b"\0" * _HEADER.size + question, _HEADER.size)[0], _HEADER.size)

    def add(self, record: Record, limit: int) -> bool:
        """Append a record; where it would pass `limit` bytes, leave all as it was and return False."""
        before, offsets = len(self.body), dict(self._offsets)
        self._name(record.name)
        self.body += _RECORD.pack(record.type, CLASS_IN, record.ttl, 0)
        start = len(self.body)
        self._data(record)
        struct.pack_into("!H", self.body, start - 2, len(self.body) - start)
        if len(self.body) + _HEADER.size <= limit:
            return True
        del self.body[before:]
        self._offsets = offsets
        return False

    def add_opt(self) -> None:
        """Append the EDNS record that tells our own limit."""
        self.body += b"\0" + _RECORD.pack(OPT, DNS_UDP_BYTES, 0, 0)

    def _data(self, record: Record) -> None:
        for item in record.data:
            if isinstance(item, tuple):
                self._name(item, compress=record.type != Type.SRV)
            elif isinstance(item, int):
                self.body += struct.pack("!I" if record.type == Type.SOA else "!H", item)
            elif record.type == Type.TXT:
                text = item.encode()[:255]
                self.body += bytes([len(text)]) + text
            else:
                self.body += ipaddress.ip_address(item).packed

    def _name(self, name: Name, *, compress: bool = True) -> None:
        for index, label in enumerate(name):
            known = self._offsets.get(name[index:]) if compress else None
            if known is not None:
                self.body += struct.pack("!H", _POINTER << 8 | known)
                return
            position = len(self.body) + _HEADER.size
            if position <= _MAX_POINTER:
                self._offsets.setdefault(name[index:], position)
            encoded = label.encode()
            self.body += bytes([len(encoded)]) + encoded
        self.body += b"\0"

    def _remember(self, name: Name, position: int) -> None:
        for index, label in enumerate(name):
            self._offsets.setdefault(name[index:], position)
            position += 1 + len(label.encode())


def _read_name(packet: bytes, position: int) -> tuple[Name, int]:
    labels: list[str] = []
    end = 0
    lowest = position
    total = 0
    while True:
        length = _byte(packet, position)
        if length == 0:
            return tuple(labels), end or position + 1
        if length & _POINTER == _POINTER:
            end = end or position + 2
            position = (length & 0x3F) << 8 | _byte(packet, position + 1)
            if position >= lowest:
                raise Malformed("a name points forward")
            lowest = position
            continue
        total += length + 1
        if length > MAX_LABEL or total > MAX_NAME + 1 or position + 1 + length > len(packet):
            raise Malformed("a name is too long or cut short")
        labels.append(packet[position + 1 : position + 1 + length].decode("latin-1").lower())
        position += 1 + length


def _edns_bytes(packet: bytes, position: int) -> int:
    name, position = _read_name(packet, position)
    if position + _RECORD.size > len(packet):
        raise Malformed("additional record cut short")
    kind, size, _, _ = _RECORD.unpack_from(packet, position)
    return max(size, 512) if kind == OPT and not name else 0


def _byte(packet: bytes, position: int) -> int:
    if position >= len(packet):
        raise Malformed("a name is cut short")
    return packet[position]

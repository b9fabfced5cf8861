"""Asking a DNS server: encode a question, decode the answer, over UDP with TCP where it was cut short.

In: a name and a type. Out: `Answer`. A packet that is not the answer to this very question raises `Malformed`
(RFC 5452 9.1: id, question and response bit must match; every length is checked before it is used).
For people (`moor dig`) and tests; pods ask with their own resolvers.
"""

import ipaddress
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from moorage.base.errors import Unavailable
from moorage.base.limits import DNS_UDP_BYTES
from moorage.dns import names
from moorage.dns.message import CLASS_IN, OPT, Code, Malformed, Type
from moorage.dns.names import MAX_LABEL, MAX_NAME, Name

_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!2H")
_RECORD = struct.Struct("!2HIH")
_RESPONSE, _AUTHORITATIVE, _TRUNCATED, _RECURSION_DESIRED, _CODE = 0x8000, 0x0400, 0x0200, 0x0100, 0x000F
_POINTER, _POINTER_MASK = 0xC0, 0x3F
_ADDRESS_BYTES: dict[int, int] = {Type.A: 4, Type.AAAA: 16}
WAIT_SECONDS = 2.0
TRIES = 2
"""Questions by UDP before giving up: one packet may be lost, a second rarely."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record as in a zone file. `type` is a number, `data` its text."""

    name: Name
    type: int
    ttl: int
    data: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded answer.

    Args:
        id: of the question.
        code: response code, see `message.Code`.
        authoritative: whether the server is responsible for the name.
        truncated: whether records are missing because the packet was full.
        answers: the records asked for.
        authority: e.g. the zone's SOA of a negative answer.
        additional: records that help, e.g. addresses of SRV targets.
    """

    id: int
    code: int
    authoritative: bool
    truncated: bool
    answers: tuple[Line, ...]
    authority: tuple[Line, ...] = ()
    additional: tuple[Line, ...] = ()


def encode(ident: int, name: Name, kind: int) -> bytes:
    """Return the packet of a question with recursion desired and EDNS. Raises: Malformed (the name cannot be asked)."""
    labels = [label.encode() for label in name]
    if (
        any(not 0 < len(label) <= MAX_LABEL for label in labels)
        or sum(len(label) + 1 for label in labels) > MAX_NAME + 1
    ):
        raise Malformed(f"{names.show(name)} is no name: a label is empty or too long")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + _QUESTION.pack(kind, CLASS_IN)
    edns = b"\0" + _RECORD.pack(OPT, DNS_UDP_BYTES, 0, 0)
    return _HEADER.pack(ident, _RECURSION_DESIRED, 1, 0, 0, 1) + question + edns


def decode(packet: bytes, ident: int, name: Name, kind: int) -> Answer:
    """Return the answer to a question. Raises: Malformed."""
    if len(packet) < _HEADER.size:
        raise Malformed("shorter than a DNS header")
    own, flags, questions, *counts = _HEADER.unpack_from(packet)
    if own != ident or not flags & _RESPONSE:
        raise Malformed("not an answer to this question")
    reader = _Reader(packet, _HEADER.size)
    code = flags & _CODE
    if questions == 1:
        asked, asked_kind, _ = reader.name(), *reader.unpack(_QUESTION)
        if (asked, asked_kind) != (name, kind):
            raise Malformed("an answer to another question")
    elif questions or code == Code.NOERROR:
        raise Malformed("an answer without its question")
    sections = [tuple(line for line in reader.lines(count) if line.type != OPT) for count in counts]
    return Answer(own, code, bool(flags & _AUTHORITATIVE), bool(flags & _TRUNCATED), *sections)


def ask(server: tuple[str, int], ident: int, name: Name, kind: int) -> Answer:
    """Return the server's answer; blocks for `WAIT_SECONDS` a try. Raises: Unavailable, Malformed."""
    question = encode(ident, name, kind)
    try:
        answer = _by_udp(server, question, lambda packet: decode(packet, ident, name, kind))
        if not answer.truncated:
            return answer
        return decode(_by_tcp(server, question), ident, name, kind)
    except TimeoutError:
        raise Unavailable(f"no answer from {server[0]} port {server[1]} within {TRIES * WAIT_SECONDS:g} s") from None
    except OSError as problem:
        raise Unavailable(f"cannot ask {server[0]} port {server[1]}: {problem.strerror or problem}") from None


def _by_udp(server: tuple[str, int], question: bytes, decoded: Callable[[bytes], Answer]) -> Answer:
    with socket.socket(_family(server), socket.SOCK_DGRAM) as connection:
        connection.settimeout(WAIT_SECONDS)
        connection.connect(server)
        for last in (False,) * (TRIES - 1) + (True,):
            connection.send(question)
            try:
                return decoded(connection.recv(65535))
            except TimeoutError:
                if last:
                    raise
    raise TimeoutError


def _by_tcp(server: tuple[str, int], question: bytes) -> bytes:
    with socket.create_connection(server, WAIT_SECONDS) as connection:
        connection.sendall(struct.pack("!H", len(question)) + question)
        with connection.makefile("rb") as stream:
            prefix = stream.read(2)
            size = struct.unpack("!H", prefix)[0] if len(prefix) == 2 else 0
            packet = stream.read(size)
    if not size or len(packet) < size:
        raise Malformed("the answer was cut short")
    return packet


def _family(server: tuple[str, int]) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server[0] else socket.AF_INET


class _Reader:
    """A position in a packet; reads past the end raise Malformed."""

    def __init__(self, packet: bytes, position: int) -> None:
        self._packet = packet
        self._position = position

    def unpack(self, form: struct.Struct) -> tuple[int, ...]:
        return form.unpack(self.take(form.size))

    def take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._packet):
            raise Malformed("cut short")
        data, self._position = self._packet[self._position : end], end
        return data

    def lines(self, count: int) -> list[Line]:
        return [self._line() for _ in range(count)]

    def name(self) -> Name:
        """Read a name. A pointer must point backwards, so that no packet can loop."""
        labels: list[str] = []
        total, resume, lowest = 0, 0, self._position
        while (length := self.take(1)[0]) != 0:
            if length & _POINTER == _POINTER:
                target = (length & _POINTER_MASK) << 8 | self.take(1)[0]
                resume = resume or self._position
                if target >= lowest:
                    raise Malformed("a name points forward")
                self._position = lowest = target
                continue
            total += length + 1
            if length > MAX_LABEL or total > MAX_NAME + 1:
                raise Malformed("a name is too long")
            labels.append(self.take(length).decode("latin-1").lower())
        self._position = resume or self._position
        return tuple(labels)

    def _line(self) -> Line:
        owner = self.name()
        kind, _, ttl, size = self.unpack(_RECORD)
        end = self._position + size
        if end > len(self._packet):
            raise Malformed("a record is cut short")
        data = self._data(kind, size)
        if self._position != end:
            raise Malformed("a record is longer than its data")
        return Line(owner, kind, ttl, data)

    def _data(self, kind: int, size: int) -> str:
        match kind:
            case Type.A | Type.AAAA:
                if size != _ADDRESS_BYTES[kind]:
                    raise Malformed("an address of a strange length")
                return str(ipaddress.ip_address(self.take(size)))
            case Type.CNAME | Type.PTR:
                return names.show(self.name())
            case Type.SRV:
                priority, weight, port = self.unpack(struct.Struct("!3H"))
                return f"{priority} {weight} {port} {names.show(self.name())}"
            case Type.SOA:
                zone, mailbox = names.show(self.name()), names.show(self.name())
                return " ".join([zone, mailbox, *map(str, self.unpack(struct.Struct("!5I")))])
            case Type.TXT:
                return _strings(self.take(size))
            case _:
                return f"\\# {size} {self.take(size).hex()}".rstrip()


def _strings(raw: bytes) -> str:
    """Return the character strings of a TXT record, quoted."""
    found, position = [], 0
    while position < len(raw):
        end = position + 1 + raw[position]
        if end > len(raw):
            raise Malformed("a text is cut short")
        text = raw[position + 1 : end].decode(errors="replace").replace("\\", "\\\\").replace('"', '\\"')
        found.append(f'"{text}"')
        position = end
    return " ".join(found)

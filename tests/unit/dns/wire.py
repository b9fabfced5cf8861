"""A second, dumb reading of DNS packets for tests: no shortcuts shared with the code under test."""

import struct
from typing import NamedTuple


class Answer(NamedTuple):
    """A decoded reply: response code, flag bits, and records as (name, type, data) per section."""

    id: int
    code: int
    truncated: bool
    authoritative: bool
    sections: tuple[list[tuple[str, int, str]], ...]


def question(name: str, kind: int, *, edns: int = 0, ident: int = 7) -> bytes:
    """Return a query packet."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    extra = b"\0" + struct.pack("!HHIH", 41, edns, 0, 0) if edns else b""
    return (
        struct.pack("!6H", ident, 0x0100, 1, 0, 0, 1 if edns else 0)
        + labels
        + b"\0"
        + struct.pack("!2H", kind, 1)
        + extra
    )


def read(packet: bytes) -> Answer:
    """Decode a reply."""
    ident, flags, _, *counts = struct.unpack_from("!6H", packet)
    _, position = name_at(packet, 12)
    position += 4
    sections = []
    for count in counts:
        records = []
        for _ in range(count):
            name, position = name_at(packet, position)
            kind, _, _, size = struct.unpack_from("!HHIH", packet, position)
            position += 10
            if kind != 41:
                records.append((name, kind, data_at(packet, position, kind, size)))
            position += size
        sections.append(records)
    return Answer(ident, flags & 15, bool(flags & 0x200), bool(flags & 0x400), tuple(sections))


def name_at(packet: bytes, position: int) -> tuple[str, int]:
    """Return the name at a position, and where it ends."""
    labels = []
    while packet[position]:
        if packet[position] >= 0xC0:
            target = struct.unpack_from("!H", packet, position)[0] & 0x3FFF
            return ".".join([*labels, name_at(packet, target)[0]]), position + 2
        size = packet[position]
        labels.append(packet[position + 1 : position + 1 + size].decode())
        position += 1 + size
    return ".".join(labels), position + 1


def data_at(packet: bytes, position: int, kind: int, size: int) -> str:
    """Return a record's data as text."""
    raw = packet[position : position + size]
    if kind == 1:
        return ".".join(str(byte) for byte in raw)
    if kind == 33:
        priority, weight, port = struct.unpack_from("!3H", raw)
        return f"{priority} {weight} {port} {name_at(packet, position + 6)[0]}"
    if kind in (5, 12):
        return name_at(packet, position)[0]
    if kind == 16:
        return raw[1:].decode()
    return raw.hex()

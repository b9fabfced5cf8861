"""Protobuf request bodies into documents: kubectl 1.32 and every Go operator send them, and do not fall back.

In: bytes with the envelope `k8s\\0`, the wire table (`api.schemadata`). Out: an untyped document, for
`api.decode.accept`, which drops the zero values Go always writes. Answers are always JSON. Format: kubernetes.io,
"API concepts", protobuf encoding; protobuf.dev, "Encoding"; fact sheet apiserver.md 1.4.
"""

import base64
import datetime
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from moorage.api import times
from moorage.api.decode import BadDocument
from moorage.api.refs import Document
from moorage.api.schema import INLINED
from moorage.api.schemadata import WireTable
from moorage.apiserver import verbatim

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\0"
_MAX_DEPTH = 64
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_META = "k8s.io.apimachinery.pkg.apis.meta.v1."
_RENAMED = {"uID": "uid", "aPIGroup": "apiGroup", "Webhooks": "webhooks"}
"""JSON names that differ from the name in the wire table."""

Fields = Iterator[tuple[int, int | bytes]]


def decode(body: bytes, wire: WireTable, definition: str) -> Document:
    """Return the document of a protobuf body.

    Args:
        body: as received.
        wire: message → field number → [JSON name, type, flags…].
        definition: schema name of the expected kind, e.g. `io.k8s.api.apps.v1.Deployment`.

    Raises:
        BadDocument: not the envelope, not protobuf, or a kind without numbers.
    """
    if not body.startswith(MAGIC):
        raise BadDocument("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope = _plain_fields(body[len(MAGIC) :])
    type_meta = _plain_fields(envelope.get(1, b""))
    message = definition.replace("io.k8s.", "k8s.io.", 1).replace("-", "_")
    if message not in wire:
        raise BadDocument(f"no protobuf encoding is known for {definition.rpartition('.')[2]}: send JSON")
    document = _Reader(wire).message(message, envelope.get(2, b""), _MAX_DEPTH)
    names = ((1, "apiVersion"), (2, "kind"))
    return {
        key: type_meta[number].decode("utf-8", "replace") for number, key in names if number in type_meta
    } | document


def _plain_fields(data: bytes) -> dict[int, bytes]:
    """Return the length-delimited fields of a message."""
    return {number: value for number, value in _fields(data) if isinstance(value, bytes)}


def _fields(data: bytes) -> Fields:
    """Yield (number, value) of each field; a fixed-width value comes as an unsigned number.

    Raises:
        BadDocument: the bytes are no protobuf message.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        sort = key & 7
        if sort == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if sort == _BYTES:
            size, at = _varint(data, at)
        elif sort in (_FIXED32, _FIXED64):
            size = 4 if sort == _FIXED32 else 8
        else:
            raise BadDocument(f"proto: illegal wireType {sort}")
        if size > len(data) - at:
            raise BadDocument("unexpected EOF")
        chunk = data[at : at + size]
        at += size
        yield key >> 3, chunk if sort == _BYTES else int.from_bytes(chunk, "little")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends."""
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise BadDocument("unexpected EOF" if at >= len(data) else "proto: integer overflow")


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


class _Reader:
    """Decodes messages by the wire table."""

    def __init__(self, wire: WireTable) -> None:
        self._wire = wire
        self._special: dict[str, Callable[[bytes], Any]] = {
            _META + "Time": _time,
            _META + "MicroTime": _micro_time,
            _META + "FieldsV1": _raw_json,
            "k8s.io.apimachinery.pkg.runtime.RawExtension": _verbatim,
            "k8s.io.apimachinery.pkg.api.resource.Quantity": _quantity,
            "k8s.io.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
        }

    def message(self, name: str, data: bytes, depth: int) -> Document:
        """Return one message as a JSON object; fields without a number in the table are skipped."""
        if depth == 0:
            raise BadDocument("exceeded max depth")
        numbers = self._wire.get(name, {})
        made: Document = {}
        for number, raw in _fields(data):
            entry = numbers.get(str(number))
            if entry is not None:
                self._field(made, entry, raw, depth)
        return made

    def _field(self, made: Document, entry: list[str], raw: int | bytes, depth: int) -> None:
        """Add one field to its message."""
        wire_name, kind, *flags = entry
        name = _RENAMED.get(wire_name, wire_name)
        if "map" in flags:
            key, value = self._map_entry(kind, raw, depth)
            made.setdefault(name, {})[key] = value
        elif "repeated" in flags:
            made.setdefault(name, []).extend(self._items(kind, raw, depth))
        elif wire_name in INLINED and isinstance(raw, bytes):
            made.update(self.message(kind, raw, depth - 1))
        else:
            made[name] = self._value(kind, raw, depth)

    def _items(self, kind: str, raw: int | bytes, depth: int) -> list[Any]:
        """Return the items of one occurrence of a repeated field; numbers may come packed."""
        if kind in ("int32", "int64", "bool") and isinstance(raw, bytes):
            items, at = [], 0
            while at < len(raw):
                number, at = _varint(raw, at)
                items.append(self._value(kind, number, depth))
            return items
        return [self._value(kind, raw, depth)]

    def _map_entry(self, kind: str, raw: int | bytes, depth: int) -> tuple[str, Any]:
        key, value = "", self._zero(kind)
        for number, part in _fields(_as_bytes(raw)):
            if number == 1:
                key = _as_bytes(part).decode("utf-8", "replace")
            elif number == 2:
                value = self._value(kind, part, depth)
        return key, value

    def _zero(self, kind: str) -> Any:
        return self._value(kind, b"" if kind in ("string", "bytes") or "." in kind else 0, _MAX_DEPTH)

    def _value(self, kind: str, raw: int | bytes, depth: int) -> Any:
        """Return one value as JSON has it."""
        if kind == "string":
            return _as_bytes(raw).decode("utf-8", "replace")
        if kind == "bytes":
            return base64.b64encode(_as_bytes(raw)).decode()
        if "." not in kind:
            number = _as_number(raw)
            return number != 0 if kind == "bool" else _signed(number)
        raw = _as_bytes(raw)
        special = self._special.get(kind)
        if special is not None:
            return special(raw)
        if kind.endswith(".ExtraValue"):
            return [_as_bytes(item).decode("utf-8", "replace") for _, item in _fields(raw)]
        return self.message(kind, raw, depth - 1)


def _as_number(raw: int | bytes) -> int:
    if isinstance(raw, bytes):
        raise BadDocument("proto: wrong wireType")
    return raw


def _as_bytes(raw: int | bytes) -> bytes:
    if isinstance(raw, int):
        raise BadDocument("proto: wrong wireType")
    return raw


def _moment(data: bytes) -> datetime.datetime | None:
    """Return a time; all zero means unset."""
    parts = {number: _signed(value) for number, value in _fields(data) if isinstance(value, int)}
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    if seconds == 0 and nanos == 0:
        return None
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC) + datetime.timedelta(microseconds=nanos // 1000)
    except (ValueError, OverflowError, OSError) as problem:
        raise BadDocument("time is out of range") from problem


def _time(data: bytes) -> str | None:
    moment = _moment(data)
    return None if moment is None else times.format_time(moment)


def _micro_time(data: bytes) -> str | None:
    moment = _moment(data)
    return None if moment is None else times.format_micro_time(moment)


def _quantity(data: bytes) -> str:
    return _plain_fields(data).get(1, b"0").decode("utf-8", "replace")


def _int_or_string(data: bytes) -> int | str:
    parts = dict(_fields(data))
    if parts.get(1) == 1:
        return _as_bytes(parts.get(3, b"")).decode("utf-8", "replace")
    number = parts.get(2, 0)
    return _signed(number) if isinstance(number, int) else 0


def _verbatim(data: bytes) -> Any:
    raw = _plain_fields(data).get(1, b"")
    return verbatim.read(_json(raw), raw)


def _raw_json(data: bytes) -> Any:
    return _json(_plain_fields(data).get(1, b""))


def _json(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw) if raw else None
    except msgspec.DecodeError as problem:
        raise BadDocument(f"raw field is no JSON: {problem}") from problem

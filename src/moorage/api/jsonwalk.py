"""Walks over parsed JSON along a type table: wrong types, unknown and duplicate fields, Go's normal form.

In: parsed JSON and a type table. Out: a fresh document as decoding into Go's types and encoding again would give it,
and the strict errors met on the way. `api.decode` is the only caller.
"""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterator
from typing import Any, Literal

from moorage.api import quantity, times
from moorage.api.gojson import kind_of
from moorage.api.schema import Shape, TypeTable

Dialect = Literal["unmarshal", "restore"]
"""Whose error texts: Go's JSON decoder, or upstream's converter from unstructured content (strategic merge patches)."""

Path = tuple[Any, ...] | None
"""Linked path, innermost first: (parent path, key or index). Cheap to extend, only spelt out for an error."""

_STAND_IN: dict[str, Any] = {}
_GO_SCALARS = {Shape.STRING: "string", Shape.BOOLEAN: "bool", Shape.NUMBER: "float64", Shape.BYTES: "[]uint8"}
_RESTORED = {Shape.STRUCT: "struct", Shape.MAP: "map", Shape.LIST: "slice"}
_ZEROES: dict[Shape, Any] = {Shape.STRING: "", Shape.BOOLEAN: False, Shape.INTEGER: 0, Shape.NUMBER: 0}


class WrongType(ValueError):
    """A value does not fit its field; the message is upstream's."""


class Walk:
    """One walk over one document.

    Args:
        dialect: whose texts a wrong type gets.
        settled: `id`s of top-level parts, and of items of lists, that are in normal form and may be shared.
    """

    def __init__(self, dialect: Dialect = "unmarshal", settled: Collection[int] = ()) -> None:
        self._dialect = dialect
        self._settled = settled
        self._unknown: list[Path] = []
        self._owner = ""
        self._visits: dict[Shape, Callable[[TypeTable, Any, Path], Any]] = {
            Shape.STRUCT: self._struct,
            Shape.MAP: self._map,
            Shape.LIST: self._list,
            Shape.ANY: lambda _table, value, _path: value,
            Shape.BYTES: self._bytes,
            Shape.TIME: self._time,
            Shape.MICROTIME: self._micro_time,
            Shape.QUANTITY: self._quantity,
            Shape.INT_OR_STRING: self._int_or_string,
            Shape.INTEGER: self._integer,
            Shape.NUMBER: self._number,
            Shape.STRING: self._plain,
            Shape.BOOLEAN: self._plain,
        }

    def document(self, table: TypeTable, value: dict[str, Any]) -> dict[str, Any]:
        """Return the document in normal form. Raises `WrongType`."""
        if table.shape is not Shape.STRUCT:
            return dict(value)
        shared = {key: part for key, part in value.items() if id(part) in self._settled} if self._settled else {}
        # An empty stand-in keeps the place of a part among the keys.
        return self._struct(table, {**value, **dict.fromkeys(shared, _STAND_IN)}, None) | shared

    def unknown_fields(self) -> Iterator[str]:
        """Return a text for every unknown field met, in the order of the document."""
        return (f'unknown field "{spelt(path)}"' for path in self._unknown)

    def _struct(self, table: TypeTable, value: Any, path: Path) -> dict[str, Any]:
        if type(value) is not dict:
            raise self._wrong(table, value, path)
        made: dict[str, Any] = {}
        fields = table.fields
        for key, item in value.items():
            child = fields.get(key)
            if child is None:
                self._unknown.append((path, key))
                continue
            if item is None:
                continue
            if type(item) is child.python and (child.python is str or child.python is bool):
                kept = item
            else:
                self._owner = table.definition
                kept = self._visits[child.shape](child, item, (path, key))
            if kept or not child.omits_zero:
                made[key] = kept
        if len(table.always) and not table.always.keys() <= made.keys():
            self._fill(table, made, path)
        return made

    def _fill(self, table: TypeTable, made: dict[str, Any], path: Path) -> None:
        """Add what Go writes though it was not given."""
        for key, default in table.always.items():
            if key not in made:
                made[key] = self._struct(table.fields[key], {}, (path, key)) if default == {} else default

    def _map(self, table: TypeTable, value: Any, path: Path) -> dict[str, Any]:
        if type(value) is not dict:
            raise self._wrong(table, value, path)
        items = table.items
        if items is None or items.shape is Shape.ANY:
            return value
        owner, visit, plain = self._owner, self._visits[items.shape], items.python if items.python is str else None
        made = {}
        for key, item in value.items():
            self._owner = owner
            if type(item) is plain:
                made[key] = item
            else:
                made[key] = self._zero(items, path) if item is None else visit(items, item, (path, ("key", key)))
        return made

    def _list(self, table: TypeTable, value: Any, path: Path) -> list[Any]:
        if type(value) is not list:
            raise self._wrong(table, value, path)
        items = table.items
        if items is None or items.shape is Shape.ANY:
            return value
        owner, visit, settled = self._owner, self._visits[items.shape], self._settled
        made: list[Any] = []
        for index, item in enumerate(value):
            self._owner = owner
            if id(item) in settled:
                made.append(item)
            else:
                made.append(self._zero(items, path) if item is None else visit(items, item, (path, index)))
        return made

    def _zero(self, table: TypeTable, path: Path) -> Any:
        """Return what null means as an item of a list or a map: Go's zero value."""
        if table.shape is Shape.STRUCT:
            return self._struct(table, {}, path)
        if table.shape is Shape.QUANTITY:
            return "0"
        return _ZEROES.get(table.shape)

    def _plain(self, table: TypeTable, value: Any, path: Path) -> Any:
        if type(value) is not table.python:
            raise self._wrong(table, value, path)
        return value

    def _integer(self, table: TypeTable, value: Any, path: Path) -> int:
        whole = type(value) is float and self._dialect == "restore" and value.is_integer()
        number = int(value) if whole else value
        if type(number) is not int or not -(1 << table.bits) <= number < (1 << table.bits):
            raise self._wrong(table, value, path)
        return number

    def _number(self, table: TypeTable, value: Any, path: Path) -> int | float:
        if type(value) not in (int, float):
            raise self._wrong(table, value, path)
        number: int | float = value
        return number

    def _bytes(self, table: TypeTable, value: Any, path: Path) -> str:
        if type(value) is not str:
            raise self._wrong(table, value, path)
        # Go skips line breaks in base64 and refuses everything else that is not of the alphabet.
        packed = value.replace("\n", "").replace("\r", "")
        try:
            return base64.b64encode(base64.b64decode(packed, validate=True)).decode()
        except (binascii.Error, ValueError) as problem:
            raise WrongType(f"illegal base64 data at input byte {_bad_base64(packed)}") from problem

    def _time(self, _table: TypeTable, value: Any, _path: Path) -> str:
        return _text_of(value, times.normal_time)

    def _micro_time(self, _table: TypeTable, value: Any, _path: Path) -> str:
        return _text_of(value, times.normal_micro_time)

    def _quantity(self, _table: TypeTable, value: Any, _path: Path) -> str:
        text = value if type(value) is str else json.dumps(value)
        try:
            return quantity.canonical(text)
        except quantity.BadQuantity as problem:
            raise WrongType(str(problem)) from problem

    def _int_or_string(self, _table: TypeTable, value: Any, _path: Path) -> int | str:
        if type(value) is str or (type(value) is int and -(1 << 31) <= value < (1 << 31)):
            known: int | str = value
            return known
        raise WrongType(f"json: cannot unmarshal {_shown(value)} into Go value of type int32")

    def _wrong(self, table: TypeTable, value: Any, path: Path) -> WrongType:
        """Return the error of a value that does not fit."""
        if self._dialect == "restore":
            return WrongType(_restore_text(table, value))
        exact = table.shape in (Shape.INTEGER, Shape.NUMBER) and type(value) in (int, float)
        found = _shown(value) if exact else kind_of(value)
        owner = self._owner.rpartition(".")[2]
        field = ".".join(part for part in (owner, _field_path(path)) if part)
        return WrongType(f"json: cannot unmarshal {found} into Go struct field {field} of type {_go_type(table)}")


def duplicate_fields(body: bytes, table: TypeTable) -> tuple[str, ...]:
    """Return a text for every key given twice in a known object of a body that parses, in the order of the document."""
    found: list[Path] = []
    _duplicates(json.loads(body.decode("utf-8", "replace"), object_pairs_hook=tuple), table, None, found)
    return tuple(dict.fromkeys(f'duplicate field "{spelt(path)}"' for path in found))


def _duplicates(value: Any, table: TypeTable, path: Path, found: list[Path]) -> None:
    if type(value) is list and table.items is not None:
        for index, item in enumerate(value):
            _duplicates(item, table.items, (path, index), found)
    if type(value) is not tuple or table.shape not in (Shape.STRUCT, Shape.MAP):
        return
    seen: set[str] = set()
    for key, item in value:
        child = table.child(key)
        if child is None:
            continue
        here = (path, key) if table.shape is Shape.STRUCT else (path, ("key", key))
        if key in seen:
            found.append(here)
        seen.add(key)
        _duplicates(item, child, here, found)


def spelt(path: Path) -> str:
    """Return a path as strict errors write it: `spec.containers[0].image`."""
    text = ""
    while path:
        path, key = path
        if isinstance(key, tuple):
            key = key[1]
        part = f"[{key}]" if isinstance(key, int) else str(key)
        joint = "" if not text or text.startswith("[") else "."
        text = part + joint + text
    return text


def deeper_than(value: Any, depth: int) -> bool:
    """Return whether lists and objects nest deeper than `depth`."""
    level = [value]
    for _ in range(depth + 1):
        level = [item for items in level if isinstance(items, dict | list) for item in _members(items)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """Return the value with every string, keys included, changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): map_strings(item, change) for key, item in value.items()}
    return [map_strings(item, change) for item in value] if isinstance(value, list) else value


def _members(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _text_of(value: Any, normal: Callable[[str], str]) -> str:
    if type(value) is not str:
        raise WrongType(f"json: cannot unmarshal {kind_of(value)} into Go value of type string")
    try:
        return normal(value)
    except times.BadTime as problem:
        raise WrongType(str(problem)) from problem


def _shown(value: Any) -> str:
    """Return a value as Go names it in an error: `number 1.5`, `string`."""
    return f"number {json.dumps(value)}" if type(value) in (int, float) else kind_of(value)


def _field_path(path: Path) -> str:
    """Return the path of struct fields alone, as Go's decoder keeps it: no indexes, no keys of maps."""
    parts: list[str] = []
    while path:
        path, key = path
        if isinstance(key, str):
            parts.append(key)
    return ".".join(reversed(parts))


def _go_type(table: TypeTable) -> str:
    """Return Go's name of a type, as far as OpenAPI tells: named string types show as `string`."""
    if table.shape is Shape.STRUCT:
        return "v1." + table.go_name if "v1" in table.definition else table.go_name
    if table.shape is Shape.INTEGER:
        return "int32" if table.bits == 31 else "int64"
    if table.shape is Shape.LIST and table.items:
        return "[]" + _go_type(table.items)
    if table.shape is Shape.MAP and table.items:
        return "v1.ResourceList" if table.items.shape is Shape.QUANTITY else "map[string]" + _go_type(table.items)
    return _GO_SCALARS.get(table.shape, "interface {}")


def _restore_text(table: TypeTable, value: Any) -> str:
    """Return the text of upstream's converter from unstructured content."""
    word = _RESTORED.get(table.shape)
    if word is not None:
        return f"cannot restore {word} from {_go_kind(value)}"
    if table.shape is Shape.STRING and type(value) is int:
        return "cannot convert int64 to string"
    return f"unrecognized type: {_go_type(table)}"


def _go_kind(value: Any) -> str:
    kinds = {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64", float: "float64"}
    return kinds[type(value)]


def _bad_base64(text: str) -> int:
    """Return the offset Go reports for text that is not padded base64."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for offset, character in enumerate(text):
        if character not in alphabet:
            padding = character == "=" and offset % 4 >= 2
            return len(text) if padding and len(text) % 4 and text[offset:] == "=" else offset
    return len(text) - len(text) % 4 if len(text) % 4 == 1 else len(text)

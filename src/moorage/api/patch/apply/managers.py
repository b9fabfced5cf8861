"""managedFields: the entries of a document, and what every plain write does to them.

In: the document before and after, who writes. Out: the new list of entries. `apiserver` calls `update_managers` after
decoding and defaulting and before admission, so that only what the client wrote is recorded.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, NamedTuple

from moorage.api import meta, times
from moorage.api.patch.apply import creation, spelling
from moorage.api.patch.apply.compare import Comparison, compare
from moorage.api.patch.apply.fieldset import FieldPath, FieldSet, from_fields_v1, to_fields_v1
from moorage.api.refs import Document
from moorage.api.schema import UNTYPED, Shape, TypeTable

Operation = Literal["Apply", "Update"]
ManagedFields = list[dict[str, Any]]

MAX_UPDATERS = 10
"""Most Update entries; older ones are folded into one."""
ANCIENT = "ancient-changes"
BEFORE_APPLY = "before-first-apply"

_TYPE = ("apiVersion", "kind")
_SYSTEM = (
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
)  # fmt: skip
_UNOWNED = FieldSet.of(
    [*((f"f:{key}",) for key in _TYPE), ("f:metadata",), *(("f:metadata", f"f:{key}") for key in _SYSTEM)]
)
"""Paths nobody owns."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who makes one write.

    Args:
        manager: field manager: `?fieldManager=`, or the user agent up to the first slash.
        api_version: of the body, e.g. `apps/v1`.
        subresource: "" or e.g. `status`.
        reset: paths this endpoint never writes, e.g. `("f:status",)` on the main resource.
    """

    manager: str
    api_version: str
    subresource: str = ""
    reset: tuple[FieldPath, ...] = ()


class Key(NamedTuple):
    """What makes two entries one: appliers keep their entry across API versions."""

    manager: str
    operation: Operation
    subresource: str = ""
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. It keeps the spelling of its paths: most writes move none, and then nothing is decoded.

    Args:
        api_version: version its paths are written in.
        fields: what it owns, as `fieldsV1` spells it.
        time: of the last change, RFC 3339; "" if it never changed anything.
    """

    api_version: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    time: str = ""

    @classmethod
    def of(cls, api_version: str, paths: FieldSet, time: str = "") -> "Entry":
        """Return the entry that owns some paths."""
        return cls(api_version, to_fields_v1(paths), time)

    @property
    def paths(self) -> FieldSet:
        """What it owns, decoded anew."""
        return from_fields_v1(self.fields)


Managed = dict[Key, Entry]


def key_of(writer: Writer, operation: Operation) -> Key:
    """Return the key of a writer's entry."""
    return Key(writer.manager, operation, writer.subresource, writer.api_version if operation == "Update" else "")


def decode(entries: Sequence[Mapping[str, Any]] | None) -> Managed:
    """Return the entries a client sent, in the server's spelling.

    Raises:
        ValueError: an entry is malformed.
    """
    return {key: replace(entry, fields=to_fields_v1(entry.paths)) for key, entry in read(entries).items()}


def read(entries: Sequence[Mapping[str, Any]] | None) -> Managed:
    """Return entries that the server wrote itself.

    Raises:
        ValueError: an entry is malformed.
    """
    made: Managed = {}
    for entry in entries or ():
        operation = entry.get("operation")
        if operation not in ("Apply", "Update") or entry.get("fieldsType", "FieldsV1") != "FieldsV1":
            raise ValueError("invalid managedFields entry")
        version = entry.get("apiVersion", "")
        own = version if operation == "Update" else ""
        key = Key(entry.get("manager", ""), operation, entry.get("subresource", ""), own)
        made[key] = Entry(version, entry.get("fieldsV1") or {}, entry.get("time") or "")
    return made


def encode(managed: Managed) -> ManagedFields:
    """Return entries as a document has them: appliers first, then by time."""
    made = []
    for key, entry in managed.items():
        document: dict[str, Any] = {"manager": key.manager, "operation": key.operation, "apiVersion": entry.api_version}
        document |= {"time": entry.time} if entry.time else {}
        document |= {"fieldsType": "FieldsV1", "fieldsV1": entry.fields}
        document |= {"subresource": key.subresource} if key.subresource else {}
        made.append(document)
    return sorted(made, key=_rank)


def _rank(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where an entry sorts: appliers first, then by time."""
    return tuple(entry.get(key, "") for key in ("operation", "time", "manager", "apiVersion", "subresource"))


def update_managers(
    old: Document | None, new: Document, writer: Writer, table: TypeTable, now: datetime.datetime
) -> ManagedFields:
    """Return the managedFields after a create, update or patch other than apply.

    Cost: proportional to the object on a create, else to the change and to the entries that lose or gain a path.

    Args:
        old: the live document, None for a create.
        new: the document about to be written; its own managedFields count if they are sound (clients may edit them).
        writer: who writes.
        table: type of the kind.
        now: time of the write.
    """
    managed = _given(meta.metadata(old or {}).get("managedFields"), new, writer)
    if not managed:
        # An object nobody applied to and without entries stays without: upstream does not start in the middle.
        return encode(created(new, writer, table, now)) if old is None else []
    comparison = written(empty_document(table) if old is None else old, new, writer, table)
    return encode(capped(taken_over(managed, comparison, writer, times.format_time(now))))


class Times(NamedTuple):
    """What a computation of entries needs beside documents.

    Args:
        table: type of the kind.
        now: time to write into changed entries, RFC 3339.
    """

    table: TypeTable
    now: str


def updated(managed: Managed, old: Document, new: Document, writer: Writer, context: Times) -> Managed:
    """Return the entries after a plain write from `old` to `new`: the writer takes over what changed."""
    return taken_over(managed, written(old, new, writer, context.table), writer, context.now)


def taken_over(managed: Managed, comparison: Comparison, writer: Writer, now: str) -> Managed:
    """Return the entries after a change: the writer takes over what changed, at `now` (RFC 3339)."""
    key = key_of(writer, "Update")
    taken = comparison.modified | comparison.added
    # What the writer itself owned and changed stays its own: only others lose it.
    others = {other: entry for other, entry in managed.items() if other != key}
    left = without_paths(others, taken | comparison.removed)
    if key in managed:
        left |= without_paths({key: managed[key]}, comparison.removed)
    own = taken - _UNOWNED
    before = left.get(key)
    if own and before and spelling.holds(before.fields, own):
        left[key] = replace(before, time=now)
    elif own:
        left[key] = Entry.of(writer.api_version, own | before.paths if before else own, now)
    return left


def created(new: Document, writer: Writer, table: TypeTable, now: datetime.datetime) -> Managed:
    """Return the entry of an object's creator: what `taken_over` gives after a comparison with the empty value."""
    empty = empty_document(table)
    unwritten = {path[0].removeprefix("f:") for path in writer.reset}
    fields = creation.fields_of(new, empty, table, {*_TYPE, "metadata", *unwritten})
    metadata = table.child("metadata") or UNTYPED
    named = creation.fields_of(meta.metadata(new), empty.get("metadata") or {}, metadata, _SYSTEM)
    # Sorted like all elements of one level.
    fields = dict(sorted({**fields, "f:metadata": named}.items())) if named else fields
    key = key_of(writer, "Update")
    return {key: Entry(writer.api_version, fields, times.format_time(now))} if fields else {}


def written(old: Document, new: Document, writer: Writer, table: TypeTable) -> Comparison:
    """Return what a write changes, without what its endpoint never writes."""
    return compare(plain(old), plain(new), table).without_trees(FieldSet.of(writer.reset))


def without_paths(managed: Managed, paths: FieldSet) -> Managed:
    """Return the entries without some paths; empty ones go."""
    kept: Managed = {}
    for key, entry in managed.items():
        touched = spelling.touches(entry.fields, paths)
        kept[key] = Entry.of(entry.api_version, entry.paths - paths, entry.time) if touched else entry
    return {key: entry for key, entry in kept.items() if entry.fields}


def owned(paths: FieldSet, writer: Writer) -> FieldSet:
    """Return what of some paths a writer may own."""
    return paths.without_trees(FieldSet.of(writer.reset)) - _UNOWNED


def plain(document: Document) -> Document:
    """Return a document without its managedFields, for comparing."""
    metadata = {key: value for key, value in meta.metadata(document).items() if key != "managedFields"}
    return {**document, "metadata": metadata}


def capped(managed: Managed) -> Managed:
    """Return the entries with the oldest Update entries folded together where there are too many."""
    updaters = [key for key in managed if key.operation == "Update"]
    surplus = len(updaters) - MAX_UPDATERS
    if surplus <= 0:
        return managed
    updaters.sort(key=lambda key: (managed[key].time, key.manager))
    made = dict(managed)
    for key in updaters[: surplus + 1]:
        entry = made.pop(key)
        target = Key(ANCIENT, "Update", "", entry.api_version)
        before = made.get(target)
        paths = entry.paths | before.paths if before else entry.paths
        made[target] = Entry.of(entry.api_version, paths, entry.time)
    return made


@cache
def empty_document(table: TypeTable) -> Document:
    """Return what Go's empty value of a kind looks like in JSON: creates are compared with it.

    Worked out once for each type: neither types nor answers are ever changed.
    """
    made: Document = {}
    for key, child in table.fields.items():
        if key in table.always:
            default = table.always[key]
            made[key] = empty_document(child) if child.shape is Shape.STRUCT and default == {} else default
        elif key in table.required:
            by_value = child.shape is Shape.STRUCT and key != "selector"
            made[key] = empty_document(child) if by_value else None
    return made


def _given(live: ManagedFields | None, new: Document, writer: Writer) -> Managed:
    """Return the entries a write starts from: the request's own where it may set them and they are sound."""
    requested = meta.metadata(new).get("managedFields")
    if not writer.subresource and requested and requested != live:
        if requested == [{}]:
            return {}
        sound = _decode_or_none(requested)
        if sound:
            return sound
    return read(live)


def _decode_or_none(entries: Any) -> Managed | None:
    try:
        return decode(entries)
    except (ValueError, AttributeError):
        return None

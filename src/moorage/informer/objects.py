"""The cache itself: one writer (the reflector), many readers, values never changed.

In: whole lists and single changes. Out: `Cached` values, and for each call the `Change`s it made.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.api.views import view
from moorage.base.log import logger
from moorage.informer.cache import Cached, Index

_log = logger("informer")
_Entries = dict[ObjectKey, Cached[Any]]
_Values = dict[str, _Entries]


def _unknown() -> None:
    """Tell no time."""


class Change(NamedTuple):
    """One object before and after; `before` is None for an addition, `after` for a deletion."""

    before: Cached[Any] | None
    after: Cached[Any] | None


class ObjectCache:
    """`Cache` of one resource, and its writer's side.

    Args:
        resource: what it holds.
        indexes: kept up to date with every change.
        now: reads the clock of this process, for `Cached.seen`.
    """

    def __init__(
        self, resource: Resource, indexes: Iterable[Index] = (), now: Callable[[], datetime.datetime | None] = _unknown
    ) -> None:
        self.resource = resource
        self._now = now
        self._revision = 0
        self._entries: _Entries = {}
        self._indexes: dict[str, Index] = {}
        self._found: dict[str, _Values] = {}
        for index in indexes:
            self.add_index(index)

    # --- readers ---

    @property
    def revision(self) -> int:
        """The revision up to which this cache is complete."""
        return self._revision

    def get(self, key: ObjectKey) -> Cached[Any] | None:
        """Return one object."""
        return self._entries.get(key)

    def by_index(self, index: str, value: str) -> Iterable[Cached[Any]]:
        """Return the objects under `value`, in order of insertion. Raises `KeyError` for an index nobody added."""
        found = self._found[index].get(value)
        return found.values() if found else ()

    def __iter__(self) -> Iterator[Cached[Any]]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    # --- the writer ---

    def add_index(self, index: Index) -> None:
        """Keep `index` from now on; the same one twice is kept once."""
        if index.name in self._indexes:
            return
        self._indexes[index.name] = index
        self._found[index.name] = _built(index, self._entries)

    def replace(self, documents: Iterable[Document], revision: int) -> list[Change]:
        """Swap in a whole list; return what differs from before. Unchanged objects keep their `Cached`."""
        old = self._entries
        new: _Entries = {}
        for document in documents:
            entry = self._entry(document, 0)
            if entry is not None:
                new[entry.key] = entry
        changes = [Change(entry, None) for key, entry in old.items() if key not in new]
        for key, entry in new.items():
            changes += _compared(old.get(key), entry)
        self._entries = new
        self._found = {name: _built(index, new) for name, index in self._indexes.items()}
        self._revision = revision
        return changes

    def apply(self, document: Document, revision: int, *, deleted: bool) -> Change | None:
        """Take over one change at `revision`; None where nothing was there to change."""
        self._revision = revision
        before = self._entries.get(key_of(document))
        after = None if deleted else self._entry(document, revision)
        if before is None and after is None:
            return None
        if after is None:
            assert before is not None
            del self._entries[before.key]
        else:
            self._entries[after.key] = after
        for name, index in self._indexes.items():
            _move(self._found[name], index, before, after)
        return Change(before, after)

    def progress(self, revision: int) -> None:
        """Note that nothing changed up to `revision`."""
        self._revision = revision

    def _entry(self, document: Document, revision: int) -> Cached[Any] | None:
        """Return the entry of a document: the one there is if it is the same state, None for one that cannot be read."""
        key = key_of(document)
        own = int(document["metadata"].get("resourceVersion") or revision)
        present = self._entries.get(key)
        if present is not None and present.revision == own:
            return present
        try:
            return Cached(key, document, view(self.resource, document), own, self._now())
        except msgspec.ValidationError as problem:
            _log.error("object cannot be read, left out", kind=self.resource.kind, key=key, problem=problem)
            return None


def _built(index: Index, entries: _Entries) -> _Values:
    values: _Values = {}
    for entry in entries.values():
        _insert(values, index, entry)
    return values


def _compared(before: Cached[Any] | None, after: Cached[Any]) -> list[Change]:
    """Return the changes from `before` to `after`: another uid is a deletion and an addition."""
    if before is after:
        return []
    if before is not None and before.view.metadata.uid != after.view.metadata.uid:
        return [Change(before, None), Change(None, after)]
    return [Change(before, after)]


def _insert(values: _Values, index: Index, entry: Cached[Any]) -> None:
    for value in index.values(entry):
        values.setdefault(value, {})[entry.key] = entry


def _drop(values: _Values, value: str, key: ObjectKey) -> None:
    bucket = values.get(value, {})
    bucket.pop(key, None)
    if not bucket:
        values.pop(value, None)


def _move(values: _Values, index: Index, before: Cached[Any] | None, after: Cached[Any] | None) -> None:
    """Bring one index up to date; an object that stays under a value keeps its place there."""
    old = tuple(index.values(before)) if before is not None else ()
    new = tuple(index.values(after)) if after is not None else ()
    if before is not None:
        for value in old:
            if value not in new:
                _drop(values, value, before.key)
    if after is not None:
        for value in new:
            values.setdefault(value, {})[after.key] = after

"""One resource's objects in memory: the present, indexes, and recent changes.

In: changes from `watchcache`. Out: sorted lists of the present or of a kept revision, changes since a revision.
Costs: a change is O(indexes); a list by name, namespace or indexed field is O(answer); one at a past revision
adds the changes since.
"""

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter
from typing import TypeVar

from moorage.api.refs import Resource
from moorage.apiserver.stored import Change, Stored
from moorage.apiserver.watchers import Selection, Watchers
from moorage.base.limits import WATCH_HISTORY_CHANGES, WATCH_HISTORY_SECONDS

K = TypeVar("K")
_BY_REVISION = attrgetter("revision")
_BY_PATH = attrgetter("path")


class Shelf:
    """Objects of one resource.

    Args:
        resource: which.
        indexed: field labels with an index.
    """

    def __init__(self, resource: Resource, indexed: tuple[str, ...]) -> None:
        self.resource = resource
        self.watchers = Watchers(indexed)
        self.oldest = 0
        """Changes after this revision are all kept."""
        self._indexed = indexed
        self._objects: dict[str, Stored] = {}
        self._spaces: dict[str, dict[str, Stored]] = {}
        self._values: dict[tuple[str, str], dict[str, Stored]] = {}
        self._changes: list[Change] = []

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._objects)

    def get(self, path: str) -> Stored | None:
        """Return the object that sorts at `path`."""
        return self._objects.get(path)

    def load(self, stored: Stored) -> None:
        """Take in an object at start."""
        self._put(stored)

    def apply(self, change: Change) -> None:
        """Take in the next change and tell watchers."""
        if change.after is None:
            self._remove(change.state)
        else:
            self._unindex(change.before, change.after)
            self._put(change.after)
        self._changes.append(change)
        self.watchers.tell(change)

    def trim(self, now: float) -> None:
        """Forget changes that are too old or too many."""
        drop = max(0, len(self._changes) - WATCH_HISTORY_CHANGES)
        while drop < len(self._changes) and self._changes[drop].seen < now - WATCH_HISTORY_SECONDS:
            drop += 1
        if drop:
            self.oldest = self._changes[drop - 1].revision
            del self._changes[:drop]

    def since(self, revision: int) -> list[Change]:
        """Return the changes after `revision`, which is `oldest` or later."""
        return self._changes[bisect_right(self._changes, revision, key=_BY_REVISION) :]

    def select(self, selection: Selection, revision: int = 0) -> list[Stored]:
        """Return the selected objects in order, at a kept revision (0: the present)."""
        candidates = self._candidates(selection)
        if revision:
            candidates = self._rolled_back(revision)
        return sorted((stored for stored in candidates if selection.matches(stored)), key=_BY_PATH)

    def _candidates(self, selection: Selection) -> Iterable[Stored]:
        """Return a small superset of what is selected."""
        name = selection.fields.required("metadata.name")
        if name is not None and (selection.namespace or not self.resource.namespaced):
            found = self._objects.get(f"{selection.namespace or '-'}/{name}")
            return (found,) if found else ()
        for field in self._indexed:
            value = selection.fields.required(field)
            if value is not None:
                return self._values.get((field, value), {}).values()
        if selection.namespace:
            return self._spaces.get(selection.namespace, {}).values()
        return self._objects.values()

    def _rolled_back(self, revision: int) -> Iterable[Stored]:
        """Return every object as it was at `revision`."""
        before: dict[str, Stored | None] = {}
        for change in self.since(revision):
            before.setdefault(change.path, change.before)
        if not before:
            return self._objects.values()
        kept = [stored for path, stored in self._objects.items() if path not in before]
        return kept + [stored for stored in before.values() if stored]

    def _put(self, stored: Stored) -> None:
        path = stored.path
        self._objects[path] = stored
        self._spaces.setdefault(stored.key.namespace, {})[path] = stored
        for field in self._indexed:
            self._values.setdefault((field, stored.fields.get(field, "")), {})[path] = stored

    def _unindex(self, before: Stored | None, after: Stored) -> None:
        """Take an object out from under the index values it no longer has."""
        for field in self._indexed if before else ():
            assert before is not None
            value = before.fields.get(field, "")
            if value != after.fields.get(field, ""):
                _drop(self._values, (field, value), before.path)

    def _remove(self, stored: Stored) -> None:
        path = stored.path
        self._objects.pop(path, None)
        _drop(self._spaces, stored.key.namespace, path)
        for field in self._indexed:
            _drop(self._values, (field, stored.fields.get(field, "")), path)


def _drop(groups: dict[K, dict[str, Stored]], name: K, path: str) -> None:
    group = groups.get(name)
    if group is not None:
        group.pop(path, None)
        if not group:
            del groups[name]

"""How two documents differ: paths added, removed and modified, along their type.

In: two documents and a type table. Out: `Comparison`. Rules: sigs.k8s.io/structured-merge-diff v4; `typed` says what the
members of a value are. Cost: what is equal costs one C-level comparison; only what differs is walked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moorage.api.patch.apply.fieldset import FieldSet
from moorage.api.patch.apply.typed import ABSENT, children, is_atomic
from moorage.api.patch.json import same
from moorage.api.schema import UNTYPED, Shape, TypeTable


@dataclass(slots=True)
class Comparison:
    """How a document changed."""

    added: FieldSet = field(default_factory=FieldSet)
    removed: FieldSet = field(default_factory=FieldSet)
    modified: FieldSet = field(default_factory=FieldSet)

    def without_trees(self, ignored: FieldSet) -> "Comparison":
        """Return the same without some paths and what lies below them."""
        parts = (self.added, self.removed, self.modified)
        return Comparison(*(paths.without_trees(ignored) if paths else paths for paths in parts))


def compare(old: Any, new: Any, table: TypeTable) -> Comparison:
    """Return the paths added, removed and modified between two documents of one type."""
    made = Comparison()
    if not _equal(old, new, table) and not is_leaf(old, new, table):
        _walk(old, new, table, made)
    return made


def _walk(old: Any, new: Any, table: TypeTable, made: Comparison) -> None:
    for element, before, after, child in _pairs(old, new, table):
        if before is ABSENT:
            _take(made.added, element, after, child)
        elif after is ABSENT:
            _take(made.removed, element, before, child)
        elif _equal(before, after, child):
            continue
        elif is_leaf(before, after, child):
            if not same(before, after):
                made.modified.members.add(element)
        else:
            below = Comparison()
            _walk(before, after, child, below)
            _hang(made, element, below)


def _pairs(old: Any, new: Any, table: TypeTable) -> Iterator[tuple[str, Any, Any, TypeTable]]:
    """Yield (path element, old value, new value, type) of each member of either side."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            yield f"f:{key}", value, new.get(key, ABSENT), table.child(key) or UNTYPED
        for key, value in new.items():
            if key not in old:
                yield f"f:{key}", ABSENT, value, table.child(key) or UNTYPED
        return
    before, after = children(table, old), children(table, new)
    for element, one in before.items():
        yield element, one.value, after[element].value if element in after else ABSENT, one.table
    for element, one in after.items():
        if element not in before:
            yield element, ABSENT, one.value, one.table


def _equal(old: Any, new: Any, table: TypeTable) -> bool:
    """Return whether two values are surely equal: where types are known, Python's own equality is exact."""
    return table.shape is not Shape.ANY and bool(old == new)


def is_leaf(old: Any, new: Any, table: TypeTable) -> bool:
    """Return whether two values are owned as a whole, or have no members to walk."""
    told = [value for value in (old, new) if value is not None]
    return any(is_atomic(table, value) for value in told) or not any(map(filled, told))


def _take(paths: FieldSet, element: str, value: Any, table: TypeTable) -> None:
    """Add a member that only one side has, with all that lies below it."""
    paths.members.add(element)
    if filled(value) and not is_atomic(table, value):
        below = paths.children[element] = FieldSet()
        for name, child in children(table, value).items():
            _take(below, name, child.value, child.table)


def _hang(made: Comparison, element: str, below: Comparison) -> None:
    for paths, rest in ((made.added, below.added), (made.removed, below.removed), (made.modified, below.modified)):
        if rest:
            paths.children[element] = rest


def filled(value: Any) -> bool:
    """Return whether a value has members."""
    return isinstance(value, dict | list) and bool(value)

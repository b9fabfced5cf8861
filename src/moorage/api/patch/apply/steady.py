"""The usual write: it changes values, not who owns them. Decided on the entries as documents spell them.

In: the live entries, what a write changes. Out: the new entries, or None where ownership moves and `managers` must work it
out. Cost: proportional to the change and the number of entries; no entry is decoded or encoded.
"""

from collections.abc import Mapping
from typing import Any

from moorage.api.patch.apply.compare import Comparison
from moorage.api.patch.apply.fieldset import SELF, FieldSet

Entry = dict[str, Any]


def renewed(live: list[Entry], own: FieldSet, comparison: Comparison, name: Entry, now: str) -> list[Entry] | None:
    """Return the entries after a plain write by a manager that already owns all it writes; None where it does not.

    Args:
        live: entries as they are stored.
        own: paths the writer comes to own.
        comparison: all the write changes.
        name: manager, operation, subresource and apiVersion of the writer's entry.
        now: time of the write, RFC 3339.
    """
    taken = (comparison.added, comparison.modified)
    mine: Entry | None = None
    for entry in live:
        fields = entry["fieldsV1"]
        if touches(fields, comparison.removed):
            return None
        if all(entry.get(key, "") == value for key, value in name.items()):
            mine = entry
        elif any(touches(fields, paths) for paths in taken):
            return None
    if not own:
        return live
    if mine is None or "time" not in mine or not holds(mine["fieldsV1"], own):
        return None
    return sorted(({**entry, "time": now} if entry is mine else entry for entry in live), key=rank)


def rank(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where an entry sorts: appliers first, then by time."""
    return tuple(entry.get(key, "") for key in ("operation", "time", "manager", "apiVersion", "subresource"))


def holds(fields: Mapping[str, Any], paths: FieldSet) -> bool:
    """Return whether a `fieldsV1` document has every one of some paths."""
    if not all(_is_member(fields, element) for element in paths.members):
        return False
    return all(element in fields and holds(fields[element], rest) for element, rest in paths.children.items())


def touches(fields: Mapping[str, Any], paths: FieldSet) -> bool:
    """Return whether a `fieldsV1` document has any one of some paths."""
    if any(_is_member(fields, element) for element in paths.members):
        return True
    return any(element in fields and touches(fields[element], rest) for element, rest in paths.children.items())


def _is_member(fields: Mapping[str, Any], element: str) -> bool:
    """Return whether a path ends at an element: it stands for itself where nothing lies below it, or says so."""
    below = fields.get(element)
    return below is not None and (not below or SELF in below)

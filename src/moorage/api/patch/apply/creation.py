"""What the creator of an object owns, in one pass: creates are the largest writes, and have nothing to compare with.

In: a new document, what Go's empty value of its kind looks like. Out: the `fieldsV1` document that comparing the two (`compare`)
and taking away what nobody owns would give. Cost: one visit of each member.
"""

from collections.abc import Collection, Mapping
from typing import Any

from moorage.api.patch.apply.compare import filled, is_leaf
from moorage.api.patch.apply.fieldset import SELF
from moorage.api.patch.apply.typed import children, is_atomic
from moorage.api.patch.json import same
from moorage.api.schema import UNTYPED, TypeTable


def fields_of(new: Mapping[str, Any], empty: Mapping[str, Any], table: TypeTable, left_out: Collection[str]) -> Any:
    """Return the `fieldsV1` document of a create.

    Args:
        new: what is created, or a struct of it.
        empty: the empty value.
        table: the type of both.
        left_out: keys nobody owns here.
    """
    made = {}
    for key in sorted(new):
        if key in left_out:
            continue
        value, child = new[key], table.child(key) or UNTYPED
        if key not in empty:
            made[f"f:{key}"] = _added(value, child)
            continue
        changed = _changed(empty[key], value, child)
        if changed is not None:
            made[f"f:{key}"] = changed
    return made


def _changed(before: Any, after: Any, table: TypeTable) -> dict[str, Any] | None:
    """Return what is owned of a member that the empty value has too; None for nothing."""
    if same(before, after):
        return None
    if is_leaf(before, after, table):
        return {}
    if isinstance(before, dict) and isinstance(after, dict):
        return fields_of(after, before, table, ()) or None
    return _members(after, table) or None


def _added(value: Any, table: TypeTable) -> dict[str, Any]:
    """Return what is owned of a member that the empty value has not: itself and all below it."""
    if not filled(value) or is_atomic(table, value):
        return {}
    return {SELF: {}, **_members(value, table)}


def _members(value: Any, table: TypeTable) -> dict[str, Any]:
    found = children(table, value)
    return {element: _added(found[element].value, found[element].table) for element in sorted(found)}

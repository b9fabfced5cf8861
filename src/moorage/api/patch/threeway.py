"""The strategic merge patch that `apply` sends: what the manifest says now, against what it said last and what is live.

In: last-applied, new and live documents, the type table. Out: a patch; {} where nothing is to change.
Source: kubernetes.io "Declarative management of Kubernetes objects" (how apply computes differences and merges changes).
Cost: linear in the documents; lists of structs are matched by merge key through a dict.
"""

from typing import Any

from moorage.api.refs import Document
from moorage.api.schema import UNTYPED, TypeTable


def create(original: Document, modified: Document, current: Document, table: TypeTable) -> Document:
    """Return the patch that turns `current` into what `modified` wants, and removes what only `original` wanted."""
    return _struct(original, modified, current, table)


def _struct(original: Document, modified: Document, current: Document, table: TypeTable) -> Document:
    patch: Document = {}
    for name, wanted in modified.items():
        child = table.child(name) or UNTYPED
        patch.update(_field(name, (original.get(name), wanted, current.get(name)), child, present=name in current))
    for name in original:
        if name not in modified and name in current:
            patch[name] = None
    if patch and table.retains_keys:
        patch["$retainKeys"] = sorted(modified)
    return patch


def _field(name: str, values: tuple[Any, Any, Any], table: TypeTable, *, present: bool) -> Document:
    original, wanted, current = values
    if not present or type(wanted) is not type(current):
        return {} if wanted is None else {name: wanted}
    if isinstance(wanted, dict):
        if table.replaces:
            return {} if wanted == current else {name: wanted}
        changed = _struct(original if isinstance(original, dict) else {}, wanted, current, table)
        return {name: changed} if changed else {}
    if isinstance(wanted, list):
        return _list(name, (original if isinstance(original, list) else [], wanted, current), table)
    return {} if wanted == current else {name: wanted}


def _list(name: str, values: tuple[list[Any], list[Any], list[Any]], table: TypeTable) -> Document:
    original, wanted, current = values
    if not table.merges:
        return {} if wanted == current else {name: wanted}
    if table.merge_key and all(isinstance(item, dict) and table.merge_key in item for item in (*wanted, *current)):
        return _structs(name, values, table)
    return _primitives(name, original, wanted, current)


def _primitives(name: str, original: list[Any], wanted: list[Any], current: list[Any]) -> Document:
    patch: Document = {}
    added = [item for item in wanted if item not in current]
    removed = [item for item in original if item not in wanted and item in current]
    if added:
        patch[name] = added
    if removed:
        patch[f"$deleteFromPrimitiveList/{name}"] = removed
    shared = [item for item in current if item in wanted]
    if patch or shared != wanted:
        patch[f"$setElementOrder/{name}"] = wanted
    return patch


def _structs(name: str, values: tuple[list[Any], list[Any], list[Any]], table: TypeTable) -> Document:
    key, items = table.merge_key, table.items or UNTYPED
    before, after, live = ({item.get(key): item for item in part} for part in values)
    changes: list[Document] = []
    for identity, wanted in after.items():
        if identity not in live:
            changes.append(wanted)
            continue
        changed = _struct(before.get(identity, {}), wanted, live[identity], items)
        if changed:
            changes.append({key: identity, **changed})
    changes += [{"$patch": "delete", key: one} for one in before if one not in after and one in live]
    order = [{key: identity} for identity in after]
    if changes:
        return {name: changes, f"$setElementOrder/{name}": order}
    shared = [identity for identity in live if identity in after]
    return {} if shared == list(after) else {f"$setElementOrder/{name}": order}

"""Strategic merge patch: lists of structs merge by key, directives in the patch say the rest.

In: a document, a patch object, the type table of the kind. Out: a new document. Directives: `$patch` (replace,
delete), `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`; null deletes (fact sheet
apiserver.md 5.5; kubernetes.io, "Update API objects in place using kubectl patch").
"""

from typing import Any

from moorage.api import decode, gojson
from moorage.api.patch import elements
from moorage.api.patch.errors import PatchError
from moorage.api.refs import Document
from moorage.api.schema import UNTYPED, TypeTable

_MARKER = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def parse(body: bytes) -> Document:
    """Return the patch of a request body.

    Raises:
        PatchError: not a JSON object.
    """
    try:
        value = decode.parse_json(body)
    except decode.BadDocument as problem:
        raise PatchError("BadRequest", problem.text) from problem
    if not isinstance(value, dict | None):
        text = f"json: cannot unmarshal {gojson.kind_of(value)} into Go value of type map[string]interface {{}}"
        raise PatchError("BadRequest", text)
    return value or {}


def apply(document: Document, patch: Document, table: TypeTable) -> Document:
    """Return the document with the patch merged in; both stay as they are.

    Raises:
        PatchError: a directive is malformed, or a list item lacks its merge key.
    """
    if _MARKER in patch:
        return _directed(patch)
    made = _retained(document, patch)
    done = {key for field in _ordered_fields(patch) for key in (field, _ORDER + field)}
    for field in _ordered_fields(patch):
        _merge_ordered(made, field, patch, _child(table, field))
    for key, value in patch.items():
        if key not in done and key != _RETAIN:
            _merge_field(made, key, value, table)
    return made


def _directed(patch: Document) -> Document:
    """Return what a struct with `$patch` becomes."""
    if patch[_MARKER] == "replace":
        return {key: value for key, value in patch.items() if key != _MARKER}
    if patch[_MARKER] == "delete":
        return {}
    raise PatchError("Internal", f"unknown patch type: {patch[_MARKER]} in map: {elements.go_text(patch)}")


def _retained(document: Document, patch: Document) -> Document:
    """Return a copy of the document, only with the fields that `$retainKeys` names where there is such a directive."""
    if _RETAIN not in patch:
        return dict(document)
    keys = patch[_RETAIN]
    if not isinstance(keys, list):
        raise PatchError("BadRequest", "invalid patch format of retainKeys")
    for key, value in patch.items():
        plain = value is not None and not key.startswith((_DELETE, _ORDER)) and key != _RETAIN
        if plain and key not in keys:
            raise PatchError("BadRequest", "invalid patch format of retainKeys")
    return {key: value for key, value in document.items() if key in keys}


def _ordered_fields(patch: Document) -> list[str]:
    return [key.removeprefix(_ORDER) for key in patch if key.startswith(_ORDER)]


def _child(table: TypeTable, key: str) -> TypeTable:
    """Return the type of a field; one that no schema knows merges like plain JSON and is refused or dropped later."""
    return table.child(key) or UNTYPED


def _merge_field(made: Document, key: str, value: Any, table: TypeTable) -> None:
    """Merge one field of a patch into `made`, in place."""
    deletes = key.startswith(_DELETE)
    name = key.removeprefix(_DELETE)
    present: Any = made.get(name)
    if value is None:
        made.pop(name, None)
    elif name not in made or type(present) is not type(value):
        if not deletes:
            made[name] = _plain(value)
    elif isinstance(value, dict):
        child = _child(table, name)
        made[name] = value if child.replaces else apply(present, value, child)
    elif isinstance(value, list):
        made[name] = _merge_list(present, value, _child(table, name), deletes=deletes)
    else:
        made[name] = value


def _merge_list(present: list[Any], patch: list[Any], table: TypeTable, *, deletes: bool = False) -> list[Any]:
    """Return the merged list; a list that does not merge is replaced."""
    if not table.merges and not deletes:
        return patch
    items = [*present, *patch]
    if not items:
        return present
    if not all(isinstance(item, dict) for item in items):
        if any(isinstance(item, dict | list) for item in items):
            raise PatchError("Unprocessable", "list element types are not identical: lists of lists are not supported")
        if deletes:
            return [item for item in present if item not in patch]
        return elements.in_order(list(dict.fromkeys(items)), patch, present, "")
    if not table.merge_key:
        raise PatchError("Internal", f"cannot merge lists without merge key for {table.go_name}")
    return _merge_structs(present, patch, table)


def _merge_structs(present: list[Any], patch: list[Any], table: TypeTable) -> list[Any]:
    """Return the merged list of structs: special items first, then by merge key, then in order."""
    key, items = table.merge_key, table.items or UNTYPED
    kept, plain = _special_items(present, patch, key)
    merged = list(kept)
    for item in plain:
        value = _key_value(item, key)
        at = elements.index_of(merged, value, key)
        if at < 0:
            merged.append(_plain(item))
        else:
            merged[at] = apply(merged[at], item, items)
    return elements.in_order(merged, plain, kept, key)


def _special_items(present: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Return the present items after deletions, and the patch items without a directive."""
    plain, kept, replaces = [], present, False
    for item in patch:
        directive = item.get(_MARKER)
        if _MARKER not in item:
            plain.append(item)
        elif directive == "delete":
            value = _key_value(item, key)
            kept = [old for old in kept if key not in old or old[key] != value]
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            raise PatchError("Internal", "merging lists cannot yet be specified in the patch")
        else:
            raise PatchError("Internal", f"unknown patch type: {directive} in map: {elements.go_text(item)}")
    return (plain, []) if replaces else (kept, plain)


def _key_value(item: Document, key: str) -> Any:
    if key not in item:
        raise PatchError("Internal", f"map: {elements.go_text(item)} does not contain declared merge key: {key}")
    return item[key]


def _merge_ordered(made: Document, field: str, patch: Document, table: TypeTable) -> None:
    """Merge a list that comes with `$setElementOrder`, in place."""
    order, wanted, present = patch[_ORDER + field], patch.get(field), made.get(field)
    if not isinstance(order, list) or not isinstance(wanted, list | None) or not isinstance(present, list | None):
        raise PatchError("BadRequest", "invalid patch format of setElementOrder list")
    if not table.merges:
        if wanted is not None:
            made[field] = wanted
        return
    elements.check_order(wanted or [], order, table.merge_key)
    if wanted is None and present is None:
        return
    if wanted is None:
        merged = present or []
    else:
        merged = _plain(wanted) if present is None else _merge_list(present, wanted, table)
    made[field] = elements.in_order(merged, order, present or [], table.merge_key)


def _plain(value: Any) -> Any:
    """Return a part of a patch that has no counterpart: without nulls and directives."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item is not None and not _is_directive(key)}
        return {key: _plain(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value if not (isinstance(item, dict) and _MARKER in item)]
    return value


def _is_directive(key: str) -> bool:
    return key in (_MARKER, _RETAIN) or key.startswith((_ORDER, _DELETE))

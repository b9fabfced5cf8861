"""Walks over documents along their type: which paths they hold, what merging and removing gives.

In: documents and type tables. Out: `FieldSet`s and new documents. Lists of type `map` and `set` are walked by key and
by value, everything atomic is one leaf. Rules: sigs.k8s.io/structured-merge-diff v4.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moorage.api.patch.apply.fieldset import FieldPath, FieldSet, compact, path_text
from moorage.api.schema import UNTYPED, Shape, TypeTable

KEY_DEFAULTS = {("ContainerPort", "protocol"): "TCP", ("ServicePort", "protocol"): "TCP"}
"""Defaults of list keys other than the zero value."""


class Absent:
    """What stands for a value that is not there; null is a value."""


ABSENT = Absent()


class Untypable(ValueError):
    """A document does not fit its type; the message is upstream's."""


class Child(NamedTuple):
    """One member of a struct, map or list.

    Args:
        value: what it holds.
        table: its type.
    """

    value: Any
    table: TypeTable


def is_atomic(table: TypeTable, value: Any) -> bool:
    """Return whether a value is owned as a whole."""
    if table.shape is Shape.ANY:
        # Known to be anything (a raw extension): one leaf. Nothing known (custom resources): objects are walked.
        return bool(table.definition) or not isinstance(value, dict)
    if table.shape in (Shape.STRUCT, Shape.MAP):
        return table.atomic_map
    return table.list_type == "atomic" if table.shape is Shape.LIST else True


def element_of(table: TypeTable, item: Any) -> str:
    """Return the path element of a list item."""
    if table.list_type == "set":
        return f"v:{compact(item)}"
    items = table.items or UNTYPED
    parts = []
    for key in sorted(table.list_keys):
        zero = items.always.get(key)
        parts.append(f'"{key}":{compact(item.get(key, KEY_DEFAULTS.get((items.go_name, key), zero)))}')
    # Put together by hand: encoders are fast for a string, and slow for an object.
    return f"k:{{{','.join(parts)}}}"


def children(table: TypeTable, value: Any) -> dict[str, Child]:
    """Return the members of a struct, map or keyed list by path element; of equal list items the first."""
    found: dict[str, Child] = {}
    if isinstance(value, dict):
        for key, item in value.items():
            found[f"f:{key}"] = Child(item, table.child(key) or UNTYPED)
    elif isinstance(value, list):
        items = table.items or UNTYPED
        for item in value:
            found.setdefault(element_of(table, item), Child(item, items))
    return found


def field_set(value: Any, table: TypeTable) -> FieldSet:
    """Return the paths a configuration states: leaves, list items, empty maps."""
    made = FieldSet()
    for element, child in children(table, value).items():
        below = FieldSet()
        leaf = is_atomic(child.table, child.value)
        if not leaf:
            below = field_set(child.value, child.table)
        if leaf or child.value is None or child.value == {} or not element.startswith("f:"):
            made.members.add(element)
        if below:
            made.children[element] = below
    return made


def merge(live: Any, config: Any, table: TypeTable) -> Any:
    """Return the live value with what the configuration states."""
    if is_atomic(table, config if live is ABSENT or live is None else live) or not isinstance(config, dict | list):
        return config
    if isinstance(config, dict):
        made = dict(live) if isinstance(live, dict) else {}
        for key, item in config.items():
            made[key] = merge(made.get(key, ABSENT), item, table.child(key) or UNTYPED)
        return made
    return _merge_list(live if isinstance(live, list) else [], config, table)


def _merge_list(live: list[Any], config: list[Any], table: TypeTable) -> list[Any]:
    """Return the merged keyed list: shared items in the configuration's order, live items where they were."""
    items = table.items or UNTYPED
    present, wanted = children(table, live), children(table, config)
    left = [element_of(table, item) for item in live]
    order = _merged_order(left, list(wanted), present)
    made = []
    for element in order:
        old = present[element].value if element in present else ABSENT
        made.append(merge(old, wanted[element].value, items) if element in wanted else old)
    return made


def _merged_order(left: list[str], right: list[str], present: Mapping[str, Child]) -> list[str]:
    """Return the order of the union, as upstream walks both lists side by side."""
    shared = [element for element in right if element in present]
    order: list[str] = []
    at_left, at_right = 0, 0
    while at_left < len(left) or at_right < len(right):
        here = left[at_left] if at_left < len(left) else ""
        there = right[at_right] if at_right < len(right) else ""
        pending = shared[0] if shared else ""
        if here and here not in right:
            order.append(here)
            at_left += 1
        elif here and (here in order or (here != there and there and pending and here != pending)):
            at_left += 1
        else:
            order.append(there)
            at_right += 1
            at_left += here == there
            shared = [element for element in shared if element != there]
    return order


def remove(value: Any, paths: FieldSet, table: TypeTable) -> Any:
    """Return a value without the members that a set names; None where nothing is left."""
    if not isinstance(value, dict | list) or not value or is_atomic(table, value):
        return None if isinstance(value, dict | list) and value else value
    kept: list[tuple[str, Any]] = []
    for element, child in _members(table, value):
        if element not in paths.members:
            below = paths.below(element)
            kept.append((element, remove(child.value, below, child.table) if below else child.value))
    if not kept:
        return None
    return {element[2:]: item for element, item in kept} if isinstance(value, dict) else [item for _, item in kept]


def _members(table: TypeTable, value: Any) -> Iterator[tuple[str, Child]]:
    """Yield every member, equal list items too."""
    if isinstance(value, dict):
        yield from children(table, value).items()
        return
    for item in value:
        yield element_of(table, item), Child(item, table.items or UNTYPED)


def with_named_fields(paths: FieldSet, table: TypeTable) -> FieldSet:
    """Return a set that also holds the structs' fields its paths pass through."""
    members, below = set(paths.members), {}
    for element, rest in paths.children.items():
        child = table.child(element[2:]) if element.startswith("f:") else table.items
        if table.shape is Shape.STRUCT and child is not None:
            members.add(element)
        below[element] = with_named_fields(rest, child or UNTYPED)
    return FieldSet(members, below)


def check(value: Any, table: TypeTable, path: FieldPath = ()) -> None:
    """Refuse a configuration that does not fit its type.

    Raises:
        Untypable: an unknown field, a wrong type, or two list items of one key.
    """
    _check_shape(value, table, path)
    if isinstance(value, dict):
        for key, item in value.items():
            child = table.child(key)
            if child is None:
                raise Untypable(f"{path_text((*path, f'f:{key}'))}: field not declared in schema")
            check(item, child, (*path, f"f:{key}"))
    elif isinstance(value, list) and table.shape is Shape.LIST:
        _check_items(value, table, path)


def _check_items(value: list[Any], table: TypeTable, path: FieldPath) -> None:
    items, seen = table.items or UNTYPED, set()
    for index, item in enumerate(value):
        element = f"i:{index}"
        if table.list_type == "map" and not isinstance(item, dict):
            raise Untypable(
                f"{path_text((*path, element))}: associative list with keys has an element that isn't a map"
            )
        if table.list_type != "atomic":
            element = element_of(table, item)
            if element in seen:
                raise Untypable(f"{path_text(path)}: duplicate entries for key {path_text((element,))}")
            seen.add(element)
        check(item, items, (*path, element))


_WORDS = {Shape.STRUCT: "map", Shape.MAP: "map", Shape.LIST: "list", Shape.STRING: "string", Shape.BOOLEAN: "boolean"}


def _check_shape(value: Any, table: TypeTable, path: FieldPath) -> None:
    """Refuse a value of another sort than its type; numbers and special strings are left to decoding."""
    word = _WORDS.get(table.shape)
    if value is None or word is None or isinstance(value, table.python):
        return
    raise Untypable(f"{path_text(path)}: expected {word}, got {compact(value)}")

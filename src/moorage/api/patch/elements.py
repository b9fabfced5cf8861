"""Order of list items in a strategic merge.

In: lists of a patch and of the live object. Out: the merged list in upstream's order: items of the patch in the
patch's order, the others in the live order, and where both are known to the live list, in its order. Also Go's way to
print a map, for errors.
"""

from collections.abc import Callable
from typing import Any

from moorage.api.patch.errors import PatchError

_BAD_ORDER = "invalid patch format of setElementOrder list"


def index_of(items: list[Any], value: Any, key: str) -> int:
    """Return where the item with this merge key value (or, without key, this value) stands; -1 if nowhere."""
    for index, item in enumerate(items):
        if (item.get(key) if key else item) == value:
            return index
    return -1


def in_order(merged: list[Any], patch: list[Any], live: list[Any], key: str) -> list[Any]:
    """Return the merged items in order.

    Args:
        merged: all items.
        patch: items (at least their keys) in the order the patch wants.
        live: items in the order before the patch.
        key: merge key, "" for scalars.
    """

    def identity(item: Any) -> Any:
        return item.get(key) if key else item

    wanted = [item for item in merged if index_of(patch, identity(item), key) >= 0]
    others = [item for item in merged if index_of(patch, identity(item), key) < 0]
    wanted.sort(key=lambda item: index_of(patch, identity(item), key))
    others.sort(key=lambda item: _late(index_of(live, identity(item), key)))
    return _zip(others, wanted, lambda item: index_of(live, identity(item), key))


def _late(index: int) -> int:
    """Return an index for sorting: items that are nowhere come last."""
    return index if index >= 0 else 1 << 60


def _zip(others: list[Any], wanted: list[Any], place: Callable[[Any], int]) -> list[Any]:
    """Merge two ordered lists: an item of `others` goes first only if both items are in the live list, it before the
    other."""
    made: list[Any] = []
    left, right = 0, 0
    while left < len(others) and right < len(wanted):
        before, after = place(others[left]), place(wanted[right])
        if 0 <= before < after:
            made.append(others[left])
            left += 1
        else:
            made.append(wanted[right])
            right += 1
    return made + others[left:] + wanted[right:]


def check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """Refuse a `$setElementOrder` list that does not name the patch's items in their order.

    Raises:
        PatchError: as said.
    """
    at = 0
    for item in patch:
        if isinstance(item, dict) and item.get("$patch") == "delete":
            continue
        value = item.get(key) if key and isinstance(item, dict) else item
        while at < len(order) and _identity(order[at], key) != value:
            at += 1
        if at == len(order):
            shown = f"{go_text(patch)}\n doesn't match $setElementOrder list:\n{go_text(order)}\n"
            raise PatchError("Internal", f"The order in patch list:\n{shown}")


def _identity(item: Any, key: str) -> Any:
    if not key:
        return item
    if not isinstance(item, dict):
        raise PatchError("BadRequest", _BAD_ORDER)
    return item.get(key)


def go_text(value: Any) -> str:
    """Return a JSON value as Go prints it with `%v`: `map[image:n:3]`."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(go_text, value)) + "]"
    words = {None: "<nil>", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)

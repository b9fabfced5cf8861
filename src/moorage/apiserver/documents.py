"""Reading parts of documents that may be missing.

In: documents. Out: their parts, empty where there are none. Used by `apiserver.defaulting`, `validation` and `kinds`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.api.refs import Document


def part(document: Mapping[str, Any], *keys: str) -> Document:
    """Return the object at a path of keys; a new empty one if any step is missing."""
    found: Any = document
    for key in keys:
        found = found.get(key)
        if not found:
            return {}
    made: Document = found
    return made


def items(document: Mapping[str, Any], *keys: str) -> list[Any]:
    """Return the list at a path of keys; empty if any step is missing."""
    found: Any = part(document, *keys[:-1]).get(keys[-1])
    made: list[Any] = found or []
    return made


def own(document: Document, key: str) -> Document:
    """Return the object at one key for changing; added if there is none."""
    found = document.get(key)
    if not isinstance(found, dict):
        found = document[key] = {}
    made: Document = found
    return made


def keep(new: Document, old: Document, key: str) -> None:
    """Set one key of a document to what the old document has, or remove it, in place."""
    if key in old:
        new[key] = old[key]
    else:
        new.pop(key, None)


def without(document: Mapping[str, Any], *keys: str) -> Document:
    """Return a copy without some keys."""
    return {key: value for key, value in document.items() if key not in keys}


def indexed(path: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Return each item of a list with its path: `spec.ports[0]`."""
    return ((f"{path}[{index}]", value) for index, value in enumerate(values))

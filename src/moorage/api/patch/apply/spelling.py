"""Questions to `fieldsV1` documents as they are spelt: most writes change what their writer owns already.

In: a `fieldsV1` document, a set of paths. Out: whether it has all, or any, of them. Cost: proportional to the paths asked for,
whatever the size of the document: nothing is decoded.
"""

from collections.abc import Mapping
from typing import Any

from moorage.api.patch.apply.fieldset import SELF, FieldSet


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

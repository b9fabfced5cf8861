"""Setting what is absent: the one way defaults are written.

In: a part of a document and a table of defaults. Out: the part, changed in place.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from moorage.api.refs import Document


def fill(part: Document, defaults: Mapping[str, Any]) -> None:
    """Set each key that is absent or null; each part gets its own copy of an object."""
    for key, value in defaults.items():
        if part.get(key) is None:
            part[key] = deepcopy(value)


def fill_empty(part: Document, defaults: Mapping[str, Any]) -> None:
    """Set each key that is absent or empty (Go's zero value: "", 0)."""
    for key, value in defaults.items():
        if not part.get(key):
            part[key] = deepcopy(value)

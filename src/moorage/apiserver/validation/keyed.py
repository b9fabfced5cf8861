"""What ConfigMap and Secret share: the largest size, and being frozen by `immutable`.

In: documents. Out: errors.
"""

from collections.abc import Iterable

from moorage.api.refs import Document
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import forbidden

MAX_BYTES = 1024 * 1024
"""Largest sum of the values of one ConfigMap or Secret."""
_TEXT = "field is immutable when `immutable` is set"


def frozen(new: Document, old: Document, keys: Iterable[str]) -> list[FieldError]:
    """Refuse to unfreeze an object, and to change these keys of a frozen one."""
    if not old.get("immutable"):
        return []
    found = [] if new.get("immutable") else [forbidden("immutable", _TEXT)]
    return found + [forbidden(key, _TEXT) for key in keys if (new.get(key) or {}) != (old.get(key) or {})]

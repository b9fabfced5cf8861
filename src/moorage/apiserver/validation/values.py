"""Small validators of single values: enums, ranges, things that may not change.

In: a path and a value. Out: errors. Sentences: k8s.io/apimachinery/pkg/api/validation.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moorage.api import names
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import invalid, invalid_each, not_supported, required

Rule = Callable[[str], list[str]]
"""A rule of `api.names`: sentences for a bad text, none for a good one."""

NOT_NEGATIVE = "must be greater than or equal to 0"
POSITIVE = "must be greater than 0"
IMMUTABLE = "field is immutable"
_MISSING = object()


def named(path: str, value: str, rule: Rule) -> list[FieldError]:
    """Check a text by a rule of `api.names`."""
    return invalid_each(path, value, rule(value))


def needed(path: str, value: Any) -> list[FieldError]:
    """Require a value that is not empty."""
    return [] if value else [required(path)]


def one_of(path: str, value: str, supported: Iterable[str]) -> list[FieldError]:
    """Require one of a few values."""
    return [] if value in supported else [not_supported(path, value, supported)]


def not_negative(path: str, value: int | None) -> list[FieldError]:
    """Require a number of at least zero, if there is one."""
    return [invalid(path, value, NOT_NEGATIVE)] if value is not None and value < 0 else []


def positive(path: str, value: int | None) -> list[FieldError]:
    """Require a number above zero, if there is one."""
    return [invalid(path, value, POSITIVE)] if value is not None and value <= 0 else []


def in_range(path: str, value: int, low: int, high: int) -> list[FieldError]:
    """Require a number between two, inclusive."""
    return [] if low <= value <= high else [invalid(path, value, names.in_range(low, high))]


def port(path: str, value: int | str) -> list[FieldError]:
    """Check a port by number or by name (IntOrString)."""
    if isinstance(value, str):
        return invalid_each(path, value, names.port_name(value))
    return invalid_each(path, value, names.port_number(value))


def immutable(new: Mapping[str, Any], old: Mapping[str, Any], paths: Iterable[str]) -> list[FieldError]:
    """Refuse changes of the values at some dotted paths."""
    found = []
    for path in paths:
        now, before = _at(new, path), _at(old, path)
        if now != before:
            found.append(invalid(path, None if now is _MISSING else now, IMMUTABLE))
    return found


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key, _MISSING) if isinstance(document, Mapping) else _MISSING
    return _MISSING if document in (None, {}, [], "") else document

"""Making validation errors, and the values that Go prints its own way.

In: paths, bad values, sentences. Out: `FieldError` values; `apiserver.errors` turns them into a Status.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api.goquote import quote
from moorage.apiserver.strategy import FieldError, GoText


def required(path: str, detail: str = "") -> FieldError:
    """Return the error for a value that is missing."""
    return FieldError("Required", path, "", detail)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """Return the error for a value that breaks a rule."""
    return FieldError("Invalid", path, value, detail)


def not_supported(path: str, value: Any, supported: Iterable[str]) -> FieldError:
    """Return the error for a value that is none of a few."""
    shown = ", ".join(quote(one) for one in sorted(supported))
    return FieldError("NotSupported", path, value, shown)


def forbidden(path: str, detail: str) -> FieldError:
    """Return the error for a value that may not be there."""
    return FieldError("Forbidden", path, "", detail)


def duplicate(path: str, value: Any) -> FieldError:
    """Return the error for a value that is there twice."""
    return FieldError("Duplicate", path, value)


def not_found(path: str, value: Any) -> FieldError:
    """Return the error for a name that nothing has."""
    return FieldError("NotFound", path, value)


def too_long(path: str, limit: int) -> FieldError:
    """Return the error for a value of more than `limit` bytes."""
    return FieldError("TooLong", path, "", f"may not be more than {limit} bytes")


def too_many(path: str, actual: int, limit: int) -> FieldError:
    """Return the error for a list of more than `limit` items."""
    return FieldError("TooMany", path, actual, f"must have at most {limit} items")


def invalid_each(path: str, value: Any, sentences: Iterable[str]) -> list[FieldError]:
    """Return one error for each sentence that a rule of `api.names` returned."""
    return [invalid(path, value, sentence) for sentence in sentences]


def go_map(values: dict[str, str] | None) -> GoText:
    """Return a map of strings as `%#v` prints it: `map[string]string{"app":"x"}`."""
    if values is None:
        return GoText("map[string]string(nil)")
    pairs = ", ".join(f"{quote(key)}:{quote(value)}" for key, value in sorted(values.items()))
    return GoText(f"map[string]string{{{pairs}}}")


def go_strings(values: Iterable[str]) -> GoText:
    """Return a list of strings as `%#v` prints it: `[]string{"a", "b"}`."""
    return GoText(f"[]string{{{', '.join(map(quote, values))}}}")


def go_int_or_string(value: int | str) -> GoText:
    """Return an IntOrString as `%#v` prints it."""
    if isinstance(value, str):
        return GoText(f"intstr.IntOrString{{Type:1, IntVal:0, StrVal:{quote(value)}}}")
    return GoText(f'intstr.IntOrString{{Type:0, IntVal:{value}, StrVal:""}}')


def go_quantity(value: str) -> GoText:
    """Return a quantity as `%#v` prints it, inner fields reduced to its text."""
    return GoText(f"resource.Quantity{{s:{quote(value)}}}")

"""How Go prints a value of a known type, to the character: spew's `%#v` without methods and addresses.

In: a struct of `layout` and a document. Out: text such as `(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string)…`.
An absent list or map prints as nil, and so does an empty one: on its way through the store it becomes nil.
"""

from collections.abc import Callable, Mapping
from typing import Any

from moorage.api.templatehash.layout import STRUCTS, Field
from moorage.api.templatehash.quantities import quantity

_NIL = "<nil>"
_MAPS = {"map[string]string": "string", "ResourceList": "resource.Quantity"}
_ZERO_TIME = "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"
_UNQUALIFIED = ("string", "bool", "int32", "int64", "map[string]string")


def printed(kind: str, value: Any) -> str:
    """Return a value with its type in front, as a field of a struct is printed."""
    if kind.startswith("*"):
        inner = kind[1:]
        return f"(*{_named(inner)})" + (_NIL if value is None else _bare(inner, value))
    return f"({_named(kind)}){_bare(kind, value)}"


def _bare(kind: str, value: Any) -> str:
    """Return a value without its type."""
    if kind in STRUCTS:
        return "{" + " ".join(_field(field, value or {}) for field in STRUCTS[kind]) + "}"
    if kind.startswith("[]"):
        return "[" + " ".join(_bare(kind[2:], one) for one in value) + "]" if value else _NIL
    if kind in _MAPS:
        return _map(_MAPS[kind], value) if value else _NIL
    return _SCALARS.get(kind, str)("" if value is None and kind not in _SCALARS else value)


def _field(field: Field, value: Mapping[str, Any]) -> str:
    return f"{field.name}:{printed(field.type, value.get(field.key) if field.key else value)}"


def _map(kind: str, value: Mapping[str, Any]) -> str:
    return "map[" + " ".join(f"{key}:{_bare(kind, value[key])}" for key in sorted(value)) + "]"


def _named(kind: str) -> str:
    """Return a type as Go names it: with its package, below any brackets."""
    brackets, inner = ("[]", kind[2:]) if kind.startswith("[]") else ("", kind)
    local = inner in _UNQUALIFIED or "." in inner
    return f"{brackets}{inner if local else f'v1.{inner}'}"


def _bool(value: Any) -> str:
    return "true" if value else "false"


def _number(value: Any) -> str:
    return str(int(value or 0))


def _int_or_string(value: Any) -> str:
    if isinstance(value, str):
        return f"{{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string){value}}}"
    return f"{{Type:(intstr.Type)0 IntVal:(int32){_number(value)} StrVal:(string)}}"


def _time(_value: Any) -> str:
    """Return the zero time: templates carry no other that means anything."""
    return _ZERO_TIME


_SCALARS: Mapping[str, Callable[[Any], str]] = {
    "bool": _bool,
    "int32": _number,
    "int64": _number,
    "intstr.IntOrString": _int_or_string,
    "resource.Quantity": quantity,
    "Time": _time,
}
"""Types that are neither structs, lists, maps nor strings."""

"""PriorityClass: a name for a priority.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/scheduling/validation.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden
from moorage.apiserver.validation.values import immutable, one_of

_LARGEST = 1_000_000_000
"""Largest value a user may give."""
SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_PREEMPTION = ("Never", "PreemptLowerPriority")


def default(document: Document) -> None:
    """Preempt."""
    fill(document, {"preemptionPolicy": "PreemptLowerPriority"})


def validate_create(document: Document) -> list[FieldError]:
    """Check name and value; names of the system are taken."""
    found = metadata.created(document, names.dns_subdomain, namespaced=False)
    name, value = meta.name(document), document.get("value", 0)
    if name.startswith("system-"):
        found += _system_name(name, value)
    elif value > _LARGEST:
        found.append(forbidden("value", f"maximum allowed value of a user defined priority is {_LARGEST}"))
    return found + one_of("preemptionPolicy", document.get("preemptionPolicy", ""), _PREEMPTION)


def _system_name(name: str, value: int) -> list[FieldError]:
    if SYSTEM.get(name) == value:
        return []
    text = "priority class names with 'system-' prefix are reserved for system use only. error: "
    if name in SYSTEM:
        return [forbidden("metadata.name", f"{text}value of {name} PriorityClass must be {SYSTEM[name]}")]
    return [forbidden("metadata.name", f"{text}{name} is not a known system priority class")]


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Value and preemption stay."""
    found = metadata.updated(new, old)
    if new.get("value", 0) != old.get("value", 0):
        found.append(forbidden("value", "may not be changed in an update."))
    return found + immutable(new, old, ("preemptionPolicy",))


def never(_new: Document, _old: Document) -> bool:
    """Return that the generation stays at 1."""
    return False


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [
        meta.name(document),
        document.get("value", 0),
        bool(document.get("globalDefault")),
        cells.age(document, now),
    ]


STRATEGY = Strategy(
    scheme.PRIORITYCLASSES,
    default=default,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Value", "integer"), Column("Global-Default", "boolean"), Column("Age")),
    row=row,
    bumps_generation=never,
)

"""Status conditions: a list keyed by `type`.

In: documents and their condition lists. Out: one condition, or a new list with one condition set.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api.times import format_time

Condition = Mapping[str, Any]


def conditions(document: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Return status.conditions in order."""
    return tuple((document.get("status") or {}).get("conditions") or ())


def find(present: Sequence[Condition], kind: str) -> Condition | None:
    """Return the condition of a type, None if there is none."""
    return next((condition for condition in present if condition.get("type") == kind), None)


def is_true(document: Mapping[str, Any], kind: str) -> bool:
    """Return whether a document has the condition with status True."""
    condition = find(conditions(document), kind)
    return condition is not None and condition.get("status") == "True"


def with_condition(present: Sequence[Condition], wanted: Condition, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return a list with one condition set; lastTransitionTime moves only when the status changes.

    Args:
        present: the conditions so far.
        wanted: type, status and what else the condition says.
        now: time of a transition.
    """
    old = find(present, wanted["type"])
    same = old is not None and old.get("status") == wanted["status"]
    since = old.get("lastTransitionTime") if old is not None and same else None
    made = {**(old or {}), **wanted, "lastTransitionTime": since or format_time(now)}
    if old is None:
        return [*map(dict, present), made]
    return [made if condition is old else dict(condition) for condition in present]

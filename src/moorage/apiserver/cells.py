"""Texts of Table cells that several kinds share.

In: documents and the time. Out: strings as kubectl prints them. `apiserver.kinds` builds rows of them.
"""

import datetime
from collections.abc import Iterable

from moorage.api.refs import Document

UNKNOWN = "<unknown>"
NONE = "<none>"
UNSET = "<unset>"

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400
_SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}

_FORMS = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)
"""Below so many seconds: unit in seconds and its letter, second unit (0: none) and its letter."""


def age(document: Document, now: datetime.datetime) -> str:
    """Return the age of an object from its creationTimestamp."""
    return since(document["metadata"].get("creationTimestamp"), now)


def since(timestamp: str | None, now: datetime.datetime) -> str:
    """Return how long ago an RFC 3339 time was, in kubectl's short form; `<unknown>` without one."""
    if not timestamp:
        return UNKNOWN
    passed = (now - datetime.datetime.fromisoformat(timestamp)).total_seconds()
    return human_duration(int(passed))


def human_duration(seconds: int) -> str:
    """Return a duration as `k8s.io/apimachinery/pkg/util/duration.HumanDuration` prints it: `5m30s`, `47h`, `3d4h`."""
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    for limit, unit, letter, second, second_letter in _FORMS:
        if seconds < limit:
            rest = seconds % unit // second if second else 0
            return f"{seconds // unit}{letter}" + (f"{rest}{second_letter}" if rest else "")
    return f"{seconds // _YEAR}y"


def access_modes(modes: Iterable[str]) -> str:
    """Return access modes in kubectl's letters: `RWO,RWX`, in upstream's order, each once."""
    given = set(modes)
    return ",".join(short for mode, short in _SHORT.items() if mode in given)


def some_of(texts: list[str], limit: int) -> str:
    """Return the first texts, joined, and how many more there are: `a,b,c + 2 more...`."""
    shown = ",".join(texts[:limit])
    return f"{shown} + {len(texts) - limit} more..." if len(texts) > limit else shown

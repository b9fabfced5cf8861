"""Texts of Table cells that several kinds share.

In: documents and the time. Out: strings as kubectl prints them. `apiserver.kinds` builds rows of them.
"""

import datetime

from moorage.api.refs import Document

UNKNOWN = "<unknown>"


def age(document: Document, now: datetime.datetime) -> str:
    """Return the age of an object from its creationTimestamp."""
    return since(document["metadata"].get("creationTimestamp"), now)


def since(timestamp: str | None, now: datetime.datetime) -> str:
    """Return how long ago an RFC 3339 time was, in kubectl's short form; `<unknown>` without one."""
    if not timestamp:
        return UNKNOWN
    return human_duration(int((now - datetime.datetime.fromisoformat(timestamp)).total_seconds()))


def human_duration(seconds: int) -> str:
    """Return a duration as `k8s.io/apimachinery/pkg/util/duration.HumanDuration` prints it: `5m30s`, `47h`, `3d4h`."""
    if seconds < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 365 * 8:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(major: int, major_unit: str, minor: int, minor_unit: str) -> str:
    return f"{major}{major_unit}{minor}{minor_unit}" if minor else f"{major}{major_unit}"

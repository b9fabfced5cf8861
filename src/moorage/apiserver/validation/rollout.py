"""Validation of how Deployments and DaemonSets replace their pods.

In: update strategies and their paths. Out: errors. Rules: pkg/apis/apps/validation.
"""

from moorage.api.refs import Document
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import forbidden, go_int_or_string, invalid, not_supported, required
from moorage.apiserver.validation.numbers import at_most_hundred_percent, is_zero, positive_or_percent

_KEYS = ("maxUnavailable", "maxSurge")


def deployment(path: str, strategy: Document) -> list[FieldError]:
    """Check the strategy of a Deployment."""
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "Recreate":
        text = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden(f"{path}.rollingUpdate", text)] if rolling is not None else []
    if kind != "RollingUpdate":
        return [not_supported(f"{path}.type", kind, ("Recreate", "RollingUpdate"))]
    where, given = f"{path}.rollingUpdate", rolling or {}
    found = _either(where, given)
    most = given.get("maxUnavailable", 0)
    if is_zero(most) and is_zero(given.get("maxSurge", 0)):
        text = "may not be 0 when `maxSurge` is 0"
        found.append(invalid(f"{where}.maxUnavailable", go_int_or_string(most), text))
    return found + at_most_hundred_percent(f"{where}.maxUnavailable", most)


def daemonset(path: str, strategy: Document) -> list[FieldError]:
    """Check the update strategy of a DaemonSet: pods are either taken away first or added first."""
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        return [not_supported(f"{path}.type", kind, ("OnDelete", "RollingUpdate"))]
    if rolling is None:
        return [required(f"{path}.rollingUpdate")]
    where = f"{path}.rollingUpdate"
    found = _either(where, rolling)
    for key in _KEYS:
        found += at_most_hundred_percent(f"{where}.{key}", rolling.get(key, 0))
    some_away, some_more = (not is_zero(rolling.get(key, 0)) for key in _KEYS)
    if some_away and some_more:
        surge = go_int_or_string(rolling.get("maxSurge", 0))
        found.append(invalid(f"{where}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    if not some_away and not some_more:
        found.append(required(f"{where}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return found


def _either(path: str, rolling: Document) -> list[FieldError]:
    return [error for key in _KEYS for error in positive_or_percent(f"{path}.{key}", rolling.get(key, 0))]

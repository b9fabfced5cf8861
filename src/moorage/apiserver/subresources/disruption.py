"""What a disruption budget says to an eviction, and how one is spent.

In: documents of pods and budgets. Out: the budget that counts, its status after one more eviction, refusals in upstream's words.
Pure. Rules: checkAndDecrement of pkg/registry/core/pod/storage/eviction.go (1.32).
"""

import datetime
from collections.abc import Iterable

from moorage.api import conditions, labels, meta, scheme
from moorage.api.refs import Document
from moorage.api.times import format_time
from moorage.apiserver import errors
from moorage.apiserver.documents import part
from moorage.base.errors import ApiError
from moorage.base.limits import MAX_DISRUPTED_PODS

_REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
_TWO = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_SOON = 10
"""Seconds after which a client may ask again."""


def budget_of(pod: Document, budgets: Iterable[Document]) -> Document | None:
    """Return the budget that covers a pod, None where none does. Raises: ApiError (500) where several do."""
    found = [one for one in budgets if _covers(one, pod)]
    if len(found) > 1:
        raise errors.failure(500, "", _TWO)
    return found[0] if found else None


def is_unguarded(pod: Document, budget: Document) -> bool:
    """Return whether a pod that is not ready may go without being counted (KEP-3017)."""
    if conditions.is_true(pod, "Ready"):
        return False
    if part(budget, "spec").get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = part(budget, "status")
    desired = int(status.get("desiredHealthy") or 0)
    return desired > 0 and int(status.get("currentHealthy") or 0) >= desired


def spent(budget: Document, pod: str, now: datetime.datetime) -> Document:
    """Return the budget after one more eviction of a pod. Raises: ApiError (403, 429)."""
    status = part(budget, "status")
    _check(budget, status)
    left = status["disruptionsAllowed"] - 1
    made = {**status, "disruptionsAllowed": left}
    if left == 0:
        closed: Document = {"type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods", "message": ""}
        closed["observedGeneration"] = meta.observed_generation(budget)
        made["conditions"] = conditions.with_condition(conditions.conditions(budget), closed, now)
    made["disruptedPods"] = {**(status.get("disruptedPods") or {}), pod: format_time(now)}
    return {**budget, "metadata": dict(meta.metadata(budget)), "status": made}


def busy(budget: str) -> ApiError:
    """Return the 429 of a budget whose controller has not caught up."""
    return _refusal(f"The disruption budget {budget} is still being processed by the server.", _SOON)


def contended(budget: str) -> ApiError:
    """Return the 504 of a budget that others kept changing."""
    message = f'couldn\'t update PodDisruptionBudget "{budget}" due to conflicts'
    return errors.failure(504, "Timeout", f"Timeout: {message}", {"retryAfterSeconds": _SOON})


def _check(budget: Document, status: Document) -> None:
    name, allowed = meta.name(budget), status.get("disruptionsAllowed") or 0
    if meta.observed_generation(budget) < meta.generation(budget):
        raise busy(name)
    if allowed < 0:
        raise _forbidden(name, "pdb disruptions allowed is negative")
    if len(status.get("disruptedPods") or {}) > MAX_DISRUPTED_PODS:
        raise _forbidden(name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller")
    if allowed == 0:
        healthy, desired = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
        raise _refusal(f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently")


def _refusal(cause: str, seconds: int = 0) -> ApiError:
    details: Document = {"causes": [{"reason": "DisruptionBudget", "message": cause}]}
    if seconds:
        details["retryAfterSeconds"] = seconds
    return errors.failure(429, "TooManyRequests", _REFUSED, details)


def _forbidden(name: str, sentence: str) -> ApiError:
    message = f'poddisruptionbudget.policy "{name}" is forbidden: {sentence}'
    details = {"name": name, "group": scheme.PODDISRUPTIONBUDGETS.group, "kind": "poddisruptionbudget"}
    return errors.failure(403, "Forbidden", message, details)


def _covers(budget: Document, pod: Document) -> bool:
    try:
        return labels.from_document(part(budget, "spec").get("selector")).matches(meta.labels(pod))
    except labels.BadSelector:
        return False

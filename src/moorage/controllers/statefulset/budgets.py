"""How many healthy pods of a set its PodDisruptionBudgets let go, asked only where the set goes back by itself.

In: the budgets of the namespace and the set's pods. Out: the tightest one. Source: policy/v1, KEP-85.
What a budget says of pods of others does not count here: the set's own pods are all that goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.controllers.statefulset.situation import Situation
from moorage.controllers.statefulset.snapshot import pod_berth
from moorage.informer.cache import Cached


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one budget allows.

    Args:
        budget: the PodDisruptionBudget.
        pods: how many healthy pods may go, 0 or more.
        evidence: its arithmetic, one line.
    """

    budget: Cached[Any]
    pods: int
    evidence: str


def tightest(situation: Situation) -> Allowance | None:
    """Return the budget that allows least, None where none covers a pod of the set."""
    found = [one for budget in situation.budgets if (one := _allowance(situation, budget)) is not None]
    return min(found, key=lambda one: one.pods, default=None)


def _allowance(situation: Situation, budget: Cached[Any]) -> Allowance | None:
    spec = budget.document.get("spec") or {}
    if spec.get("selector") is None:
        return None
    try:
        selector = labels.from_document(spec["selector"])
    except labels.BadSelector:
        return None
    covered = [pod for pod in situation.fleet.pods.values() if selector.matches(pod_berth(pod).labels)]
    if not covered:
        return None
    healthy = sum(situation.healthy(pod) for pod in covered)
    wanted = _wanted(spec, situation.spec.replicas)
    return Allowance(budget, max(0, healthy - wanted), f"{healthy} healthy, {wanted} wanted")


def _wanted(spec: Mapping[str, Any], replicas: int) -> int:
    """Return how many pods must stay healthy; percentages are rounded up, as the disruption controller does."""
    if spec.get("maxUnavailable") is not None:
        return max(0, replicas - _scaled(spec["maxUnavailable"], replicas))
    return _scaled(spec.get("minAvailable", 1), replicas)


def _scaled(value: int | str, replicas: int) -> int:
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%")
    return -(-int(digits) * replicas // 100) if digits.isdecimal() else 0

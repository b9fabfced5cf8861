"""How many healthy pods of a set its PodDisruptionBudgets let go, asked only where the set goes back by itself.

In: the budgets of the namespace and the set's pods. Out: the tightest one. Source: policy/v1, KEP-85.
A budget's own status decides where it is of the present spec: it knows of evictions under way and of pods of others. The set's
own pods are counted as well, as the status may not show yet what the set has just deleted.
"""

from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.shares import scaled
from moorage.api.views.policy import BudgetSpec, PodDisruptionBudget
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
    view: PodDisruptionBudget = budget.view
    try:
        selector = labels.from_document(view.spec.selector)
    except labels.BadSelector:
        return None
    covered = [pod for pod in situation.fleet.pods.values() if selector.matches(pod_berth(pod).labels)]
    if not covered:
        return None
    healthy = sum(situation.healthy(pod) for pod in covered)
    wanted = _wanted(view.spec, situation.spec.replicas)
    own = Allowance(budget, max(0, healthy - wanted), f"{healthy} healthy, {wanted} wanted")
    status = view.status
    if status.observed_generation < view.metadata.generation or own.pods <= status.disruptions_allowed:
        return own
    evidence = f"{status.current_healthy} healthy, {status.desired_healthy} wanted"
    return Allowance(budget, status.disruptions_allowed, evidence)


def _wanted(spec: BudgetSpec, replicas: int) -> int:
    """Return how many pods must stay healthy; percentages are rounded up, as the disruption controller does."""
    if spec.max_unavailable is not None:
        return max(0, replicas - scaled(spec.max_unavailable, replicas, up=True))
    return scaled(spec.min_available or 0, replicas, up=True)

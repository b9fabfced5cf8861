"""All that one decision about a budget needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`. A null selector covers nothing, an empty one every pod (policy/v1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODDISRUPTIONBUDGETS, PODS
from moorage.controllers.poddisruptionbudget import owning
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.selecting import BY_LABEL
from moorage.reconcile.triggers import by_namespace

INDEXES = (BY_LABEL, by_namespace(PODS), by_namespace(PODDISRUPTIONBUDGETS))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one budget.

    Args:
        budget: the budget.
        pods: the pods it covers.
        scale: how many pods their owners want; None where the budget does not ask.
        crowded: those of them that other budgets, later by name, cover too.
        problem: why the selector cannot be used, "" where it can.
    """

    budget: Cached[Any]
    pods: tuple[Cached[Any], ...] = ()
    scale: owning.Scale | None = None
    crowded: tuple[Cached[Any], ...] = ()
    problem: str = ""


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of the budget `key`, None where it is gone."""
    budget = caches.of(PODDISRUPTIONBUDGETS).get(key)
    if budget is None:
        return None
    try:
        selector = labels.from_document(budget.view.spec.selector)
    except labels.BadSelector as problem:
        return Snapshot(budget, problem=str(problem))
    pods = tuple(_covered(key.namespace, selector, caches))
    spec = budget.view.spec
    asks = spec.max_unavailable is not None or isinstance(spec.min_available, str)
    return Snapshot(budget, pods, owning.scale(pods, caches) if asks else None, tuple(_crowded(budget, pods, caches)))


def covering(pod: Cached[Any], caches: Caches) -> list[Cached[Any]]:
    """Return the budgets that cover a pod, by name."""
    found = [one for one in caches.of(PODDISRUPTIONBUDGETS).by_index("namespace", pod.key.namespace) if _is(one, pod)]
    return sorted(found, key=lambda one: one.key.name)


def _is(budget: Cached[Any], pod: Cached[Any]) -> bool:
    try:
        return labels.from_document(budget.view.spec.selector).matches(pod.view.metadata.labels)
    except labels.BadSelector:
        return False


def _covered(namespace: str, selector: labels.Selector, caches: Caches) -> Iterable[Cached[Any]]:
    if selector.nothing:
        return ()
    exact = next((one for one in selector.requirements if one.operator in ("=", "==")), None)
    if exact is None:
        found = caches.of(PODS).by_index("namespace", namespace)
    else:
        found = caches.of(PODS).by_index(BY_LABEL.name, f"{namespace}/{exact.key}={exact.values[0]}")
    return (pod for pod in found if selector.matches(pod.view.metadata.labels))


def _crowded(budget: Cached[Any], pods: tuple[Cached[Any], ...], caches: Caches) -> Iterable[Cached[Any]]:
    """Return the pods that other budgets cover too; empty at once where the namespace has but this budget."""
    others = caches.of(PODDISRUPTIONBUDGETS).by_index("namespace", budget.key.namespace)
    if sum(1 for _ in others) == 1:
        return ()
    shared = ((pod, covering(pod, caches)) for pod in pods)
    return (pod for pod, found in shared if len(found) > 1 and found[0].key == budget.key)

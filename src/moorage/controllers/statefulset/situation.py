"""All that scale and rollout look at, and the shape of what they answer.

In: what `decide` has worked out. Out: `Situation` (input) and `Progress` (answer).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.controllers.statefulset.claims import Claims, Tenant
from moorage.controllers.statefulset.fleet import Fleet
from moorage.controllers.statefulset.options import Options
from moorage.controllers.statefulset.revisions import Choice
from moorage.controllers.statefulset.rules import Rules
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.controllers.statefulset.spec import SetSpec
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Step
from moorage.reconcile.plan import Gate


@dataclass(frozen=True, slots=True)
class Situation:
    """One decision's view of a set.

    Args:
        spec: the set.
        fleet: its pods in their places.
        claims: its claims.
        choice: the revisions it is between.
        foreign: pods that hold one of the set's names without being its own, by name.
        now: the instant everything is judged at.
        rules: which version's rules.
        options: what the set asks for beyond Kubernetes.
        budgets: the PodDisruptionBudgets of the namespace.
        history: data of the set's revisions, by name.
        zones: zone by name of node, where the set updates zone by zone.
        growable: the StorageClasses that let volumes grow.
    """

    spec: SetSpec
    fleet: Fleet
    claims: Claims
    choice: Choice
    foreign: Mapping[str, PodCached]
    now: datetime.datetime
    rules: Rules
    options: Options
    budgets: tuple[Cached[Any], ...] = ()
    history: Mapping[str, Any] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    growable: frozenset[str] = frozenset()

    def tenant(self, pod: PodCached, *, condemned: bool = False) -> Tenant:
        """Return the pod as its claims see it."""
        return Tenant(pod.key.name, pod.view.metadata.uid, pod.document, condemned)

    def healthy(self, pod: PodCached) -> bool:
        """Return whether a pod counts as healthy."""
        return self.fleet.healthy(pod_berth(pod), self.rules)

    def outdated(self, pod: PodCached) -> bool:
        """Return whether a pod is not at the update revision."""
        return pod_berth(pod).revision != self.choice.update


@dataclass(frozen=True, slots=True)
class Progress:
    """What one phase wants.

    Args:
        steps: writes, in order.
        gates: why it stops short.
        halted: later phases must not act.
        deleted: pods deleted for the update, which upstream's status counts off at once.
    """

    steps: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    halted: bool = False
    deleted: int = 0

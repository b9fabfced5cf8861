"""The disruption controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs. Owners are read, not watched: when one wants another number of
pods, pods come or go (upstream does the same).
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODDISRUPTIONBUDGETS, PODS
from moorage.api.views.pod import Pod
from moorage.controllers.poddisruptionbudget.decide import decide
from moorage.controllers.poddisruptionbudget.owning import OWNERS
from moorage.controllers.poddisruptionbudget.snapshot import INDEXES, Snapshot, covering, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import on_self, sides

SOURCE = "controllermanager"
"""Whom events name: upstream's disruption controller has no name of its own there."""


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="disruption-controller",
        resource=PODDISRUPTIONBUDGETS,
        triggers=(on_self(PODDISRUPTIONBUDGETS), Trigger(PODS, _covering_keys)),
        take=take,
        decide=decide,
        indexes=INDEXES,
        reads=OWNERS,
        source=SOURCE,
    )


def _covering_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the budgets that cover either side of a changed pod, unless nothing they count has changed."""
    if before is not None and after is not None and _counted(before.view) == _counted(after.view):
        return set()
    return {budget.key for side in sides(before, after) for budget in covering(side, caches)}


def _counted(pod: Pod) -> tuple[Any, ...]:
    metadata = pod.metadata
    return metadata.uid, metadata.labels, metadata.deleting, metadata.owner_references, pod.ready_condition

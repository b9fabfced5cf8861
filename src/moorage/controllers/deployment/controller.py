"""The Deployment controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.controllers.deployment.decide import decide
from moorage.controllers.deployment.snapshot import BY_STEM, Snapshot, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile import owning
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import on_self


def build() -> Controller[Snapshot]:
    """Return the controller."""
    sets, indexes = owning.on_owned(REPLICASETS, DEPLOYMENTS)
    return Controller(
        name="deployment-controller",
        resource=DEPLOYMENTS,
        triggers=(on_self(DEPLOYMENTS), sets, Trigger(PODS, _recreating)),
        take=take,
        decide=decide,
        indexes=(*indexes, BY_STEM, owning.by_controller(PODS)),
    )


def _recreating(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> list[ObjectKey]:
    """Return the Deployment of a pod that is gone, if it waits for its old pods to be gone."""
    if before is None or after is not None or before.view.metadata.controller is None:
        return []
    owner = caches.of(REPLICASETS).get(ObjectKey(before.key.namespace, before.view.metadata.controller.name))
    if owner is None:
        return []
    found = (caches.of(DEPLOYMENTS).get(key) for key in owning.owners_of(owner, DEPLOYMENTS, caches))
    return [one.key for one in found if one is not None and one.view.spec.strategy.type == "Recreate"]

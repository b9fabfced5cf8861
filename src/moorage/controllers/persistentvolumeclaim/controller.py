"""The binder's claim side as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.controllers.persistentvolumeclaim.decide import decide
from moorage.controllers.persistentvolumeclaim.snapshot import (
    BY_CLAIM,
    BY_VOLUME,
    FREE_BY_CLASS,
    UNBOUND_BY_CLASS,
    UNSCHEDULED_BY_CLAIM,
    Snapshot,
    take,
)
from moorage.controllers.persistentvolumeclaim.words import volume_class
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import on_self, sides


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="persistentvolume-controller",
        resource=PERSISTENTVOLUMECLAIMS,
        triggers=(
            on_self(PERSISTENTVOLUMECLAIMS),
            Trigger(PERSISTENTVOLUMES, _claims_of_volume),
            Trigger(STORAGECLASSES, _claims_of_class),
        ),
        take=take,
        decide=decide,
        indexes=(BY_CLAIM, BY_VOLUME, FREE_BY_CLASS, UNBOUND_BY_CLASS, UNSCHEDULED_BY_CLAIM),
        reads=(PODS,),
    )


def _claims_of_volume(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the claims that a volume names or that name it; for a free one, the unbound claims of its class."""
    keys = set()
    for side in sides(before, after):
        keys |= {claim.key for claim in caches.of(PERSISTENTVOLUMECLAIMS).by_index(BY_VOLUME.name, side.key.name)}
        reference = side.view.spec.claim_ref
        if reference is not None:
            keys.add(ObjectKey(reference.namespace, reference.name))
    if after is not None and after.view.spec.claim_ref is None and after.view.status.phase == "Available":
        keys |= _unbound(caches, volume_class(after.view))
    return keys


def _claims_of_class(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the unbound claims of a class, and those of none, for which it may be the default."""
    names = {side.key.name for side in sides(before, after)} | {""}
    return {key for name in names for key in _unbound(caches, name)}


def _unbound(caches: Caches, storage_class: str) -> set[ObjectKey]:
    found = caches.of(PERSISTENTVOLUMECLAIMS).by_index(UNBOUND_BY_CLASS.name, storage_class)
    return {claim.key for claim in found}

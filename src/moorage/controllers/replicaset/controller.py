"""The ReplicaSet controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs.
"""

from moorage.api.scheme import PODS, REPLICASETS
from moorage.controllers.replicaset.decide import decide
from moorage.controllers.replicaset.snapshot import Snapshot, take
from moorage.reconcile import owning
from moorage.reconcile.controller import Controller
from moorage.reconcile.triggers import on_self


def build() -> Controller[Snapshot]:
    """Return the controller."""
    pods, indexes = owning.on_owned(PODS, REPLICASETS)
    return Controller(
        name="replicaset-controller",
        resource=REPLICASETS,
        triggers=(on_self(REPLICASETS), pods),
        take=take,
        decide=decide,
        indexes=(*indexes, owning.by_controller(REPLICASETS)),
    )

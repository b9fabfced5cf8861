"""The EndpointSlice controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import ENDPOINTSLICES, NODES, PODS, SERVICES
from moorage.controllers.endpointslice.decide import decide
from moorage.controllers.endpointslice.snapshot import BY_SERVICE, Snapshot, service_of, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.selecting import INDEXES, services_of
from moorage.reconcile.triggers import on_self, sides

PAUSE_SECONDS = 0.1
"""A burst of pods turning ready becomes few looks at all pods and few writes; DNS must follow within 200 ms."""


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="endpoint-slice-controller",
        resource=SERVICES,
        triggers=(on_self(SERVICES), Trigger(PODS, services_of), Trigger(ENDPOINTSLICES, _owners)),
        take=take,
        decide=decide,
        indexes=(*INDEXES, BY_SERVICE),
        reads=(NODES,),
        pause=PAUSE_SECONDS,
    )


def _owners(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> set[ObjectKey]:
    """Return the Services of a changed slice."""
    names = (name for side in sides(before, after) for name in service_of(side))
    return {ObjectKey(*name.split("/", 1)) for name in names}

"""The node life cycle controller as data.

In: when the control plane started. Out: `build`, the value `reconcile.loop` runs.
"""

import datetime
from functools import partial
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import LEASES, NODES, PODS
from moorage.controllers.node.decide import decide
from moorage.controllers.node.snapshot import READY_BY_NODE, Snapshot, is_ready, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import on_self


def build(started: datetime.datetime) -> Controller[Snapshot]:
    """Return the controller.

    Args:
        started: when this control plane started: a node is given its full grace from then on.
    """
    return Controller(
        name="node-controller",
        resource=NODES,
        triggers=(on_self(NODES), Trigger(NODES, _all_on_change)),
        take=take,
        decide=partial(decide, started=started),
        indexes=(READY_BY_NODE,),
        reads=(LEASES, PODS),
        workers=2,
    )


def _all_on_change(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return every unready node when another one comes, goes or changes: the brake counts them all."""
    if before is not None and after is not None and is_ready(before) == is_ready(after):
        return set()
    return {node.key for node in caches.of(NODES) if not is_ready(node)}

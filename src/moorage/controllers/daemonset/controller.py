"""The DaemonSet controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs. A node wakes the sets whose verdict about it changes.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, NODES, PODS
from moorage.api.views.cluster import Node
from moorage.controllers.daemonset.decide import decide
from moorage.controllers.daemonset.nodes import NEITHER, Wish, wish_of
from moorage.controllers.daemonset.snapshot import BY_STEM, Snapshot, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile import owning
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import on_self


def build() -> Controller[Snapshot]:
    """Return the controller."""
    pods, pod_indexes = owning.on_owned(PODS, DAEMONSETS)
    revisions, revision_indexes = owning.on_owned(CONTROLLERREVISIONS, DAEMONSETS)
    return Controller(
        name="daemonset-controller",
        resource=DAEMONSETS,
        triggers=(on_self(DAEMONSETS), pods, revisions, Trigger(NODES, _node_keys)),
        take=take,
        decide=decide,
        indexes=(*pod_indexes, *revision_indexes, BY_STEM),
    )


def _node_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the sets that think otherwise of a node than before."""
    if before is not None and after is not None and _asked(before.view) == _asked(after.view):
        return set()
    wishes = ((owner.key, wish_of(owner)) for owner in caches.of(DAEMONSETS))
    return {key for key, wish in wishes if _verdict(wish, before) != _verdict(wish, after)}


def _asked(node: Node) -> tuple[Any, ...]:
    return node.metadata.labels, node.spec.taints


def _verdict(wish: Wish, node: Cached[Any] | None) -> tuple[bool, bool]:
    return NEITHER if node is None else wish.of(node.view)

"""All that one decision about a node needs.

In: caches. Out: `Snapshot`; next room `decide`.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import LEASES, NODES, PODS
from moorage.informer.cache import Cached, Caches, Index

LEASE_NAMESPACE = "kube-node-lease"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one node.

    Args:
        node: the node.
        renewed: when its lease was last seen to change, by our own clock: a node's clock may be wrong.
        ready_pods: pods on it whose Ready condition is True.
        nodes: how many nodes there are.
        unready_others: how many other nodes are not Ready.
    """

    node: Cached[Any]
    renewed: datetime.datetime | None
    ready_pods: tuple[Cached[Any], ...]
    nodes: int
    unready_others: int


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of a node."""
    nodes = caches.of(NODES)
    node = nodes.get(key)
    if node is None:
        return None
    lease = caches.of(LEASES).get(ObjectKey(LEASE_NAMESPACE, key.name))
    pods = caches.of(PODS).by_index(READY_BY_NODE.name, key.name)
    others = sum(1 for one in nodes if one.key != key and not is_ready(one))
    renewed = (lease.seen or lease.view.spec.renew_time) if lease else None
    return Snapshot(node, renewed, tuple(pods), len(nodes), others)


def is_ready(node: Cached[Any]) -> bool:
    """Return whether a node's Ready condition is True."""
    condition = node.view.condition("Ready")
    return condition is not None and condition.status == "True"


def _ready_on(entry: Cached[Any]) -> Iterable[str]:
    pod = entry.view
    return (pod.spec.node_name,) if pod.spec.node_name and pod.ready_condition else ()


READY_BY_NODE = Index("pod.ready.node", PODS, _ready_on)

"""All that one decision about a Deployment needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile import owning

_STEM = 240
"""Characters of a name that are sure to be there when it has been cut to make room for a hash."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one Deployment.

    Args:
        owner: the Deployment.
        selector: its selector.
        sets: the replica sets it controls, oldest first.
        orphans: the replica sets of the namespace that nobody controls and that match the selector.
        namesakes: replica sets of others whose name a new one could collide with.
        pods: the pods of its replica sets; looked at only where it recreates.
    """

    owner: Cached[Any]
    selector: labels.Selector
    sets: tuple[Cached[Any], ...] = ()
    orphans: tuple[Cached[Any], ...] = ()
    namesakes: tuple[Cached[Any], ...] = ()
    pods: tuple[Cached[Any], ...] = ()


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of the Deployment `key`; None where it is gone or its selector does not parse."""
    owner = caches.of(DEPLOYMENTS).get(key)
    selector = owning.selector_of(owner) if owner is not None else None
    if owner is None or selector is None:
        return None
    sets = sorted(owning.owned(REPLICASETS, owner.view.metadata.uid, caches), key=age)
    free = owning.orphans(REPLICASETS, key.namespace, caches)
    own = {one.key for one in sets}
    alike = caches.of(REPLICASETS).by_index(BY_STEM.name, f"{key.namespace}/{key.name[:_STEM]}")
    recreates = owner.view.spec.strategy.type == "Recreate"
    return Snapshot(
        owner,
        selector,
        tuple(sets),
        tuple(one for one in free if selector.matches(one.view.metadata.labels)),
        tuple(one for one in alike if one.key not in own),
        tuple(_pods(sets, caches)) if recreates else (),
    )


def age(one: Cached[Any]) -> tuple[str, str]:
    """Return what sorts replica sets oldest first."""
    return one.document["metadata"].get("creationTimestamp") or "", one.key.name


def _pods(sets: Iterable[Cached[Any]], caches: Caches) -> Iterable[Cached[Any]]:
    for one in sets:
        yield from owning.owned(PODS, one.view.metadata.uid, caches)


def _stem(one: Cached[Any]) -> tuple[str]:
    return (f"{one.key.namespace}/{one.key.name.rpartition('-')[0][:_STEM]}",)


BY_STEM = Index("replicaset.stem", REPLICASETS, _stem)

"""All that one decision about a daemon set needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`. A set that is being deleted is left to the garbage collector.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, NODES, PODS
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile import owning


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one daemon set.

    Args:
        owner: the daemon set.
        selector: its selector.
        pods: the pods it controls.
        orphans: the pods that it could adopt.
        revisions: the revisions it controls.
        stray: the revisions that it could adopt.
        namesakes: revisions whose names begin as its own do, by name.
        nodes: every node, by name.
    """

    owner: Cached[Any]
    selector: labels.Selector
    pods: tuple[Cached[Any], ...] = ()
    orphans: tuple[Cached[Any], ...] = ()
    revisions: tuple[Cached[Any], ...] = ()
    stray: tuple[Cached[Any], ...] = ()
    namesakes: tuple[Cached[Any], ...] = ()
    nodes: tuple[Cached[Any], ...] = ()


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of the daemon set `key`; None where it is gone or going, or its selector selects everything."""
    owner = caches.of(DAEMONSETS).get(key)
    selector = owning.selector_of(owner) if owner is not None else None
    if owner is None or selector is None or owner.view.metadata.deleting:
        return None
    uid = owner.view.metadata.uid

    def selected(found: Iterable[Cached[Any]]) -> tuple[Cached[Any], ...]:
        return tuple(one for one in found if selector.matches(one.view.metadata.labels))

    return Snapshot(
        owner,
        selector,
        owning.owned(PODS, uid, caches),
        selected(owning.orphans(PODS, key.namespace, caches)),
        owning.owned(CONTROLLERREVISIONS, uid, caches),
        selected(owning.orphans(CONTROLLERREVISIONS, key.namespace, caches)),
        tuple(caches.of(CONTROLLERREVISIONS).by_index(BY_STEM.name, f"{key.namespace}/{key.name}")),
        tuple(sorted(caches.of(NODES), key=lambda node: node.key.name)),
    )


def _stem(entry: Cached[Any]) -> tuple[str]:
    return (f"{entry.key.namespace}/{entry.key.name.rpartition('-')[0]}",)


BY_STEM = Index("daemonset.revision.stem", CONTROLLERREVISIONS, _stem)

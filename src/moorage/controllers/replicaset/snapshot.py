"""All that one decision about a replica set needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`. Pods that are finished or being deleted do not count and are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODS, REPLICASETS
from moorage.api.views.berth import PodBerth
from moorage.informer.cache import Cached, Caches
from moorage.reconcile import owning

_FINISHED = frozenset(("Failed", "Succeeded"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one replica set.

    Args:
        owner: the replica set.
        selector: its selector.
        pods: the active pods it controls.
        orphans: the active pods that it could adopt.
        related: the active pods of all replica sets of its own owner, looked at only where pods must go.
    """

    owner: Cached[Any]
    selector: labels.Selector
    pods: tuple[Cached[Any], ...] = ()
    orphans: tuple[Cached[Any], ...] = ()
    related: tuple[Cached[Any], ...] = ()

    @property
    def surplus(self) -> int:
        """How many pods are too many; negative where some are missing."""
        return len(self.pods) - int(self.owner.view.spec.replicas)


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of the replica set `key`; None where it is gone or its selector does not parse."""
    owner = caches.of(REPLICASETS).get(key)
    selector = owning.selector_of(owner) if owner is not None else None
    if owner is None or selector is None:
        return None
    pods = _active(owning.owned(PODS, owner.view.metadata.uid, caches))
    free = _active(owning.orphans(PODS, key.namespace, caches))
    orphans = tuple(pod for pod in free if selector.matches(berth(pod).labels))
    surplus = len(pods) > owner.view.spec.replicas
    return Snapshot(owner, selector, pods, orphans, tuple(_related(owner, caches)) if surplus else ())


def berth(pod: Cached[Any]) -> PodBerth:
    """Return what the pod's view has worked out of it."""
    found: PodBerth = pod.view.berth
    return found


def _active(pods: Iterable[Cached[Any]]) -> tuple[Cached[Any], ...]:
    return tuple(pod for pod in pods if not (berth(pod).deleting or berth(pod).phase in _FINISHED))


def _related(owner: Cached[Any], caches: Caches) -> Iterable[Cached[Any]]:
    controller = owner.view.metadata.controller
    if controller is None:
        return
    for sibling in owning.owned(REPLICASETS, controller.uid, caches):
        yield from _active(owning.owned(PODS, sibling.view.metadata.uid, caches))

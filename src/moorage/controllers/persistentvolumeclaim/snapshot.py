"""All that one decision about a claim needs.

In: caches. Out: `Snapshot`; next room `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.api.views.storage import StorageClass
from moorage.controllers.persistentvolumeclaim.words import class_of, volume_class
from moorage.informer.cache import Cached, Caches, Index


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one claim.

    Args:
        claim: the claim.
        volume: the volume it names, if it exists.
        candidates: volumes it could be bound to.
        storage_class: its class, if it names one that exists.
        default_class: name of the default class, "" for none.
        waiting_pods: names of unscheduled pods that use it.
    """

    claim: Cached[Any]
    volume: Cached[Any] | None
    candidates: tuple[Cached[Any], ...]
    storage_class: StorageClass | None
    default_class: str
    waiting_pods: tuple[str, ...]


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of a claim."""
    claim = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
    if claim is None:
        return None
    volumes, named = caches.of(PERSISTENTVOLUMES), claim.view.spec.volume_name
    wanted = class_of(claim.view) or ""
    candidates: dict[ObjectKey, Cached[Any]] = {}
    if not named:
        candidates |= {one.key: one for one in volumes.by_index(BY_CLAIM.name, str(key))}
        candidates |= {one.key: one for one in volumes.by_index(FREE_BY_CLASS.name, wanted)}
    storage_class = caches.of(STORAGECLASSES).get(ObjectKey("", wanted)) if wanted else None
    users = caches.of(PODS).by_index(UNSCHEDULED_BY_CLAIM.name, str(key))
    return Snapshot(
        claim,
        volumes.get(ObjectKey("", named)) if named else None,
        tuple(candidates.values()),
        storage_class.view if storage_class else None,
        default_class(caches),
        tuple(sorted(pod.key.name for pod in users)),
    )


def default_class(caches: Caches) -> str:
    """Return the default class: the newest of those marked, "" for none (facts/statefulset.md 7.5)."""
    marked = [one for one in caches.of(STORAGECLASSES) if one.view.default]
    marked.sort(key=lambda one: one.key.name)
    newest = max(marked, key=lambda one: str(one.view.metadata.creation_timestamp), default=None)
    return newest.key.name if newest else ""


def _reserving_claim(entry: Cached[Any]) -> Iterable[str]:
    reference = entry.view.spec.claim_ref
    return (f"{reference.namespace}/{reference.name}",) if reference else ()


def _free_class(entry: Cached[Any]) -> Iterable[str]:
    return () if entry.view.spec.claim_ref else (volume_class(entry.view),)


def _unbound_class(entry: Cached[Any]) -> Iterable[str]:
    return () if entry.view.spec.volume_name else (class_of(entry.view) or "",)


def _named_volume(entry: Cached[Any]) -> Iterable[str]:
    return (entry.view.spec.volume_name,) if entry.view.spec.volume_name else ()


def _waiting_claims(entry: Cached[Any]) -> Iterable[str]:
    if entry.view.spec.node_name:
        return ()
    return [f"{entry.key.namespace}/{name}" for name in entry.view.claim_names]


BY_CLAIM = Index("volume.claim", PERSISTENTVOLUMES, _reserving_claim)
FREE_BY_CLASS = Index("volume.free", PERSISTENTVOLUMES, _free_class)
UNBOUND_BY_CLASS = Index("claim.unbound", PERSISTENTVOLUMECLAIMS, _unbound_class)
BY_VOLUME = Index("claim.volume", PERSISTENTVOLUMECLAIMS, _named_volume)
UNSCHEDULED_BY_CLAIM = Index("pod.unscheduled.claim", PODS, _waiting_claims)

"""All that one decision about a set needs, read from the caches in one go.

In: caches. Out: `Snapshot`, frozen; next room `decide`. Cost: a few C-level passes over the set's pods and claims.
Source: facts/statefulset.md 1.2-1.4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.api import labels, meta, owners
from moorage.api.refs import ObjectKey
from moorage.api.scheme import (
    CONTROLLERREVISIONS,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PODDISRUPTIONBUDGETS,
    PODS,
    STATEFULSETS,
    STORAGECLASSES,
)
from moorage.api.views.berth import ClaimBerth, PodBerth, split_ordinal
from moorage.controllers.statefulset import identity
from moorage.controllers.statefulset.spec import SetSpec, read
from moorage.informer.cache import Cached, Caches, Index

ZONE_LABEL = "topology.kubernetes.io/zone"
PodCached = Cached[Any]
ClaimCached = Cached[Any]
RevisionCached = Cached[Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one set.

    Args:
        spec: the set.
        pods: every pod whose name has the set's name as parent, whoever controls it.
        strays: pods the set controls although their name does not fit.
        claims: every claim whose name fits one of the claim templates, whatever its ordinal.
        revisions: the set's own and orphaned ControllerRevisions whose labels match the selector.
        namesakes: other ControllerRevisions whose names could collide with the set's.
        budgets: the PodDisruptionBudgets of the namespace, read only where the set has gone back by itself.
        zones: zone by name of node, read only where the set updates zone by zone.
        growable: the StorageClasses that let volumes grow, read only where claims follow their templates.
    """

    spec: SetSpec
    pods: tuple[PodCached, ...] = ()
    strays: tuple[PodCached, ...] = ()
    claims: tuple[ClaimCached, ...] = ()
    revisions: tuple[RevisionCached, ...] = ()
    namesakes: tuple[RevisionCached, ...] = ()
    budgets: tuple[Cached[Any], ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    growable: frozenset[str] = frozenset()


def take(key: ObjectKey, caches: Caches, *, extended: bool = True) -> Snapshot | None:
    """Return what is known of the set `key`; None where it is gone or its selector does not parse (never retried).

    Args:
        extended: obey annotations under `moorage.dev/`.
    """
    found = caches.of(STATEFULSETS).get(key)
    if found is None:
        return None
    spec = read(found.document, extended=extended)
    if spec.selector is None:
        return None
    namespace = key.namespace
    claims: list[ClaimCached] = []
    for template in spec.claim_templates:
        stem = identity.claim_stem(meta.name(template), key.name)
        claims.extend(caches.of(PERSISTENTVOLUMECLAIMS).by_index(BY_STEM.name, f"{namespace}/{stem}"))
    revisions, namesakes = _revisions(spec, spec.selector, caches)
    return Snapshot(
        spec=spec,
        pods=tuple(caches.of(PODS).by_index(BY_PARENT.name, f"{namespace}/{key.name}")),
        strays=tuple(caches.of(PODS).by_index(STRAYS.name, spec.uid)),
        claims=tuple(claims),
        revisions=revisions,
        namesakes=namesakes,
        budgets=tuple(_budgets(key, caches)) if spec.options.reverted else (),
        zones=_zones(caches) if spec.options.update_order == "zone" else {},
        growable=_growable(caches) if spec.options.update_claims else frozenset(),
    )


def pod_berth(cached: PodCached) -> PodBerth:
    """Return the berth a pod's view keeps."""
    berth: PodBerth = cached.view.berth
    return berth


def claim_berth(cached: ClaimCached) -> ClaimBerth:
    """Return the berth a claim's view keeps."""
    berth: ClaimBerth = cached.view.berth
    return berth


def _budgets(key: ObjectKey, caches: Caches) -> Iterable[Cached[Any]]:
    return (one for one in caches.of(PODDISRUPTIONBUDGETS) if one.key.namespace == key.namespace)


def _zones(caches: Caches) -> Mapping[str, str]:
    return {one.key.name: meta.labels(one.document).get(ZONE_LABEL, "") for one in caches.of(NODES)}


def _growable(caches: Caches) -> frozenset[str]:
    return frozenset(one.key.name for one in caches.of(STORAGECLASSES) if one.document.get("allowVolumeExpansion"))


def _revisions(
    spec: SetSpec, selector: labels.Selector, caches: Caches
) -> tuple[tuple[RevisionCached, ...], tuple[RevisionCached, ...]]:
    """Return (own and adoptable revisions in history order, others with a name that could collide)."""
    cache = caches.of(CONTROLLERREVISIONS)
    candidates = [*cache.by_index(REVISIONS_BY_OWNER.name, spec.uid)]
    candidates += cache.by_index(REVISIONS_BY_OWNER.name, _orphans(spec.key.namespace))
    own = [one for one in candidates if selector.matches(meta.labels(one.document))]
    known = {one.key for one in own}
    alike = cache.by_index(REVISIONS_BY_STEM.name, f"{spec.key.namespace}/{spec.name}")
    return tuple(sorted(own, key=_history_order)), tuple(one for one in alike if one.key not in known)


def _history_order(revision: RevisionCached) -> tuple[int, str, str]:
    document = revision.document
    return document.get("revision") or 0, meta.metadata(document).get("creationTimestamp") or "", revision.key.name


def _orphans(namespace: str) -> str:
    return f"orphans of {namespace}"


def _pod_parent(cached: Cached[Any]) -> Iterable[str]:
    parent = split_ordinal(cached.key.name)[0]
    return (f"{cached.key.namespace}/{parent}",) if parent else ()


def _stray(cached: Cached[Any]) -> Iterable[str]:
    controller = owners.controller_of(cached.document)
    if controller is None or controller["kind"] != STATEFULSETS.kind:
        return ()
    return () if controller["name"] == split_ordinal(cached.key.name)[0] else (controller["uid"],)


def _claim_stem(cached: Cached[Any]) -> Iterable[str]:
    stem = split_ordinal(cached.key.name)[0]
    return (f"{cached.key.namespace}/{stem}",) if stem else ()


def _revision_owner(cached: Cached[Any]) -> Iterable[str]:
    controller = owners.controller_of(cached.document)
    return (controller["uid"] if controller else _orphans(cached.key.namespace),)


def _revision_stem(cached: Cached[Any]) -> Iterable[str]:
    return (f"{cached.key.namespace}/{cached.key.name.rpartition('-')[0]}",)


BY_PARENT = Index("statefulset.parent", PODS, _pod_parent)
STRAYS = Index("statefulset.stray", PODS, _stray)
BY_STEM = Index("statefulset.stem", PERSISTENTVOLUMECLAIMS, _claim_stem)
REVISIONS_BY_OWNER = Index("revision.owner", CONTROLLERREVISIONS, _revision_owner)
REVISIONS_BY_STEM = Index("revision.stem", CONTROLLERREVISIONS, _revision_stem)
INDEXES = (BY_PARENT, STRAYS, BY_STEM, REVISIONS_BY_OWNER, REVISIONS_BY_STEM)

"""The StatefulSet controller as data.

In: nothing. Out: `build`, the value `reconcile.loop` runs. Source of the triggers: facts/statefulset.md 1.1;
beyond upstream, changes of claims, revisions and of foreign pods in the way wake the set as well.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from moorage.api import extensions, meta, owners
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
from moorage.api.views.berth import split_ordinal
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.options import REVERTED
from moorage.controllers.statefulset.rules import NEWEST, Rules
from moorage.controllers.statefulset.snapshot import INDEXES, Snapshot, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger

NAME = "statefulset-controller"


def build(rules: Rules = NEWEST) -> Controller[Snapshot]:
    """Return the controller, deciding by the given version's rules."""
    claims = Trigger(PERSISTENTVOLUMECLAIMS, _claim_keys if rules.watches_claims else _nobody)
    return Controller(
        name=NAME,
        resource=STATEFULSETS,
        triggers=(
            Trigger(STATEFULSETS, _own_key),
            Trigger(PODS, _pod_keys),
            claims,
            Trigger(CONTROLLERREVISIONS, _revision_keys),
            Trigger(PODDISRUPTIONBUDGETS, _budget_keys),
            Trigger(NODES, _nobody),
            Trigger(STORAGECLASSES, _class_keys),
        ),
        take=partial(take, extended=rules.extensions),
        decide=partial(decide, rules=rules),
        indexes=INDEXES,
    )


def _nobody(_before: Cached[Any] | None, _after: Cached[Any] | None, _caches: Caches) -> Iterable[ObjectKey]:
    """Keep a cache without being woken by it."""
    return ()


def _sides(before: Cached[Any] | None, after: Cached[Any] | None) -> Iterable[Cached[Any]]:
    return (side for side in (before, after) if side is not None)


def _own_key(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> Iterable[ObjectKey]:
    return {side.key for side in _sides(before, after)}


def _owner_key(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the set that controls either side, if it is the one of that uid."""
    found = set()
    for side in _sides(before, after):
        controller = owners.controller_of(side.document)
        if controller is None or controller["kind"] != STATEFULSETS.kind:
            continue
        key = ObjectKey(side.key.namespace, controller["name"])
        owner = caches.of(STATEFULSETS).get(key)
        if owner is not None and meta.uid(owner.document) == controller["uid"]:
            found.add(key)
    return found


def _pod_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the owner, and the set whose name the pod's name carries: it may adopt it, or wait for its name.

    Upstream asks every set whose selector matches; only the one of that name ever acts on the pod.
    """
    found = set(_owner_key(before, after, caches))
    for side in _sides(before, after):
        key = ObjectKey(side.key.namespace, split_ordinal(side.key.name)[0])
        if key.name and key not in found and caches.of(STATEFULSETS).get(key) is not None:
            found.add(key)
    return found


def _revision_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the owner, and the set whose revision could have the name: one that an earlier set of this name leaves behind
    serves until the garbage collector takes it."""
    found = set(_owner_key(before, after, caches))
    stems = {ObjectKey(side.key.namespace, side.key.name.rpartition("-")[0]) for side in _sides(before, after)}
    return found | {key for key in stems if caches.of(STATEFULSETS).get(key) is not None}


def _claim_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the sets one of whose claim templates gives the claim its name (`data-web-0`: template, set, ordinal)."""
    found = set()
    for side in _sides(before, after):
        steps = split_ordinal(side.key.name)[0].split("-")
        for cut in range(1, len(steps)):
            key = ObjectKey(side.key.namespace, "-".join(steps[cut:]))
            owner = caches.of(STATEFULSETS).get(key)
            if owner is not None and "-".join(steps[:cut]) in _templates(owner):
                found.add(key)
    return found


def _budget_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the sets of the namespace that went back by themselves: only those ask budgets."""
    namespaces = {side.key.namespace for side in _sides(before, after)}
    sets = (one for one in caches.of(STATEFULSETS) if one.key.namespace in namespaces)
    return {one.key for one in sets if REVERTED in meta.annotations(one.document)}


def _class_keys(_before: Cached[Any] | None, _after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the sets whose claims follow their templates: a class may let them grow from now on."""
    return {one.key for one in caches.of(STATEFULSETS) if extensions.updates_claims(one.document)}


def _templates(owner: Cached[Any]) -> set[str]:
    templates = owner.document["spec"].get("volumeClaimTemplates") or ()
    return {meta.name(template) for template in templates}

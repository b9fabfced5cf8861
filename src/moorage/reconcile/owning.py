"""Owners that select what they own by label: which owners a changed object means, and what an owner may claim.

In: changes and caches. Out: an index, a trigger, candidates for `adoption.claim`. An owned object means its owner; one that
nobody owns means every owner whose selector it meets. Source: facts/statefulset.md 1.1.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api import labels, meta, owners
from moorage.api.refs import ObjectKey, Resource
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.controller import Trigger
from moorage.reconcile.triggers import by_namespace, sides


def by_controller(resource: Resource) -> Index:
    """Return an index of a resource's objects by the uid of their controller; one name for all that use it."""
    return Index("controller", resource, _controller)


def owned(resource: Resource, uid: str, caches: Caches) -> tuple[Cached[Any], ...]:
    """Return the objects whose controller has this uid."""
    return tuple(caches.of(resource).by_index("controller", uid))


def orphans(resource: Resource, namespace: str, caches: Caches) -> tuple[Cached[Any], ...]:
    """Return the objects of a namespace that no controller owns."""
    return tuple(caches.of(resource).by_index("controller", _nobody(namespace)))


def selector_of(owner: Cached[Any]) -> labels.Selector | None:
    """Return the selector of an owner, None where it does not parse or selects everything."""
    try:
        found = labels.from_document((owner.document.get("spec") or {}).get("selector"))
    except labels.BadSelector:
        return None
    return None if found.empty else found


def on_owned(resource: Resource, kind: Resource) -> tuple[Trigger, tuple[Index, ...]]:
    """Return the trigger that wakes owners of `kind` when an object of `resource` changes, and the indexes it reads."""

    def keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
        return {key for side in sides(before, after) for key in owners_of(side, kind, caches)}

    return Trigger(resource, keys), (by_controller(resource), by_namespace(kind))


def owners_of(one: Cached[Any], kind: Resource, caches: Caches) -> Iterable[ObjectKey]:
    """Return the owner of an object if it is of `kind` and still the same, or who could adopt it."""
    controller = owners.controller_of(one.document)
    if controller is None:
        selecting = caches.of(kind).by_index("namespace", one.key.namespace)
        return [owner.key for owner in selecting if _selects(owner, one)]
    owner = caches.of(kind).get(ObjectKey(one.key.namespace, controller["name"]))
    same = owner is not None and controller["kind"] == kind.kind and meta.uid(owner.document) == controller["uid"]
    return [owner.key] if owner is not None and same else []


def _selects(owner: Cached[Any], one: Cached[Any]) -> bool:
    selector = selector_of(owner)
    return selector is not None and selector.matches(meta.labels(one.document))


def _controller(one: Cached[Any]) -> tuple[str]:
    controller = owners.controller_of(one.document)
    return (controller["uid"] if controller is not None else _nobody(one.key.namespace),)


def _nobody(namespace: str) -> str:
    return f"nobody in {namespace}"

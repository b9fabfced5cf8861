"""Triggers that many controllers share: how a change of one object becomes keys of others.

In: (before, after, caches). Out: keys. Used in `controllers/*` as `Trigger(resource, own_key)`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from moorage.api.refs import ObjectKey, Resource
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.controller import Trigger

KeyFunction = Callable[[Cached[Any] | None, Cached[Any] | None, Caches], Iterable[ObjectKey]]


def sides(before: Cached[Any] | None, after: Cached[Any] | None) -> list[Cached[Any]]:
    """Return what there is of a change: one side for an addition or deletion, else both."""
    return [side for side in (before, after) if side is not None]


def own_key(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> Iterable[ObjectKey]:
    """Return the key of the changed object."""
    return {side.key for side in sides(before, after)}


def on_self(resource: Resource) -> Trigger:
    """Return the trigger of a controller's own kind."""
    return Trigger(resource, own_key)


def namespace_keys(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> Iterable[ObjectKey]:
    """Return the key of the namespace that the changed object lives in."""
    return {ObjectKey("", side.key.namespace) for side in sides(before, after)}


def by_namespace(resource: Resource) -> Index:
    """Return an index of a resource's objects by namespace; one name for all that use it."""
    return Index("namespace", resource, lambda entry: (entry.key.namespace,))

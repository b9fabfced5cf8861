"""A controller as data: what it watches, how keys follow from changes, how it decides.

In: pure functions of `controllers/<kind>`. Out: the value `reconcile.loop` runs. No controller has a loop of its own.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from moorage.api.refs import ObjectKey, Resource
from moorage.informer.cache import Cached, Caches, Index
from moorage.informer.shared import Concerns
from moorage.reconcile.plan import Plan

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Trigger:
    """How a change of one resource becomes keys of the controller's own.

    Args:
        resource: what is watched.
        keys: (before, after, caches) → keys to look at; `before` is None for an addition, `after` for a deletion.
        concerns: asked first, once for all triggers that share it: whether a change can concern any of them.
    """

    resource: Resource
    keys: Callable[[Cached[Any] | None, Cached[Any] | None, Caches], Iterable[ObjectKey]]
    concerns: Concerns | None = None


@dataclass(frozen=True, slots=True)
class Controller(Generic[S]):
    """One controller.

    Args:
        name: metrics label, e.g. `statefulset-controller`.
        resource: the kind its keys name.
        triggers: see `Trigger`; include one for `resource` itself.
        indexes: indexes its snapshots read.
        take: (key, caches) → snapshot, or None where there is nothing to decide. Reads caches; keeps nothing.
        decide: (snapshot, now) → plan. Pure.
        reads: resources its snapshots read beyond those of `triggers`.
        workers: most keys under way at once; equal keys never run together.
        pause: after a decision on a key, the least seconds until the next on it, so that a burst of changes becomes few
            looks and few writes; the first change of a burst is acted on at once. A decision that takes long waits longer.
    """

    name: str
    resource: Resource
    triggers: tuple[Trigger, ...]
    take: Callable[[ObjectKey, Caches], S | None]
    decide: Callable[[S, datetime.datetime], Plan]
    indexes: tuple[Index, ...] = ()
    reads: tuple[Resource, ...] = ()
    workers: int = 5
    pause: float = 0.0
    source: str = ""

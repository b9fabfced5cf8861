"""The quota controller as data.

In: every resource there is. Out: `build`, the value `reconcile.loop` runs. A change wakes the quotas of its namespace if it
changes what the object costs them.
"""

import datetime
from collections.abc import Iterable
from functools import partial
from typing import Any

from moorage.api.quota import usage
from moorage.api.quota.amounts import Amounts
from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import EVENTS, RESOURCEQUOTAS
from moorage.controllers.resourcequota.decide import decide
from moorage.controllers.resourcequota.snapshot import Snapshot, take
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.triggers import by_namespace, on_self, sides

_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)
_PAUSE = 0.1
"""Least time between two writes of one quota's status, seconds: a burst of pods becomes few writes."""


def build(resources: Iterable[Resource]) -> Controller[Snapshot]:
    """Return the controller. Events are never counted (upstream ignores them too)."""
    kinds = tuple(resource for resource in resources if resource.namespaced and resource != EVENTS)
    return Controller(
        name="resourcequota-controller",
        resource=RESOURCEQUOTAS,
        triggers=(on_self(RESOURCEQUOTAS), *(Trigger(kind, partial(_counting, resource=kind)) for kind in kinds)),
        take=partial(take, kinds=kinds),
        decide=decide,
        indexes=tuple(by_namespace(kind) for kind in kinds),
        pause=_PAUSE,
    )


def _counting(
    before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches, resource: Resource
) -> set[ObjectKey]:
    """Return the quotas of the namespace, unless the change costs them nothing."""
    namespace = sides(before, after)[0].key.namespace
    quotas = {quota.key for quota in caches.of(RESOURCEQUOTAS).by_index("namespace", namespace)}
    return quotas if quotas and _cost(resource, before) != _cost(resource, after) else set()


def _cost(resource: Resource, one: Cached[Any] | None) -> tuple[Any, ...] | None:
    """Return what an object costs, and until when."""
    if one is None:
        return None
    amounts: Amounts = usage.of(resource, one.document, _LONG_AGO)
    return tuple(sorted((name, amount.nanos) for name, amount in amounts.items())), usage.stuck_after(one.document)

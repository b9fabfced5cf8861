"""A ClusterRole with an aggregation rule holds the rules of every ClusterRole its selectors choose.

In: ClusterRoles. Out: plans that write `rules`. Source: kubernetes.io, "Aggregated ClusterRoles";
pkg/controller/clusterroleaggregation.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CLUSTERROLES
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.actions import Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan

_GATHERING = Index("gathering", CLUSTERROLES, lambda one: ("",) if one.document.get("aggregationRule") else ())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A role that gathers, and the roles it chooses, by name."""

    role: Cached[Any]
    chosen: tuple[Cached[Any], ...]


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="clusterrole-aggregation-controller",
        resource=CLUSTERROLES,
        triggers=(Trigger(CLUSTERROLES, _keys),),
        take=take,
        decide=decide,
        indexes=(_GATHERING,),
        workers=1,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return a role that gathers. O(roles)."""
    role = caches.of(CLUSTERROLES).get(key)
    if role is None or role.view.metadata.deleting or not role.document.get("aggregationRule"):
        return None
    selectors = [
        labels.from_document(one) for one in role.document["aggregationRule"].get("clusterRoleSelectors") or ()
    ]
    chosen = [
        one
        for one in caches.of(CLUSTERROLES)
        if one.key != key and any(selector.matches(one.view.metadata.labels) for selector in selectors)
    ]
    return Snapshot(role, tuple(sorted(chosen, key=lambda one: one.key.name)))


def decide(snapshot: Snapshot, _now: datetime.datetime) -> Plan:
    """Gather the rules, each once."""
    rules: list[Document] = []
    for one in snapshot.chosen:
        rules += [rule for rule in one.document.get("rules") or () if rule not in rules]
    role = snapshot.role
    if rules == (role.document.get("rules") or []):
        return Plan()
    return Plan((Patch(CLUSTERROLES, role.key, {"rules": rules}, role.view.metadata.uid),))


def _keys(_before: Cached[Any] | None, _after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return every role that gathers: any may choose what changed."""
    return {one.key for one in caches.of(CLUSTERROLES).by_index(_GATHERING.name, "")}

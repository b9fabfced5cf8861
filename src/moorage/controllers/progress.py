"""Conditions `Progressing` and `Stalled` of a StatefulSet that asks for them, with an event when it stalls or moves again.

In: sets with annotation `moorage.dev/progress-deadline`, and what explains them (`moorage.why`): objects, remembered plans.
Out: patches of `status.conditions`; nothing for any other set (docs/deviations.md: upstream sets have no conditions).
The set's own controller keeps conditions as they are; without the annotation they are taken away again.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from moorage.api import conditions, meta, owners
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import (
    CONFIGMAPS,
    EVENTS,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    SECRETS,
    SERVICES,
    STATEFULSETS,
    STORAGECLASSES,
)
from moorage.base.limits import STALL_LOOK_SECONDS
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Emit, Patch, Step
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.triggers import by_namespace, on_self, sides
from moorage.why import explain
from moorage.why.picture import Picture, Plans
from moorage.why.stalls import DEADLINE

NAME = "statefulset-progress"
TYPES = ("Progressing", "Stalled")
_READ = (CONFIGMAPS, NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, SECRETS, SERVICES, STORAGECLASSES)
_INDEXED = (PODS, PERSISTENTVOLUMECLAIMS, SERVICES)
_BY = "namespace"
WRITE_PAUSE_SECONDS = 1.0
"""Conditions follow a rollout at this pace: the status is shared with the set's own controller."""


class _Followed:
    """The caches as `why.picture.Objects`. Events are not followed: evidence is then what statuses say."""

    def __init__(self, caches: Caches) -> None:
        self._caches = caches

    def get(self, resource: Resource, key: ObjectKey) -> Document | None:
        found = self._caches.of(resource).get(key)
        return found.document if found else None

    def all(self, resource: Resource, namespace: str = "") -> Iterable[Document]:
        if resource == EVENTS:
            return ()
        cache = self._caches.of(resource)
        chosen = cache.by_index(_BY, namespace) if namespace and resource in _INDEXED else iter(cache)
        return (entry.document for entry in chosen if not namespace or entry.key.namespace == namespace)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A set that asks for conditions, or still has them.

    Args:
        owner: the set.
        objects: what explains it.
        plans: see `why.picture.Plans`.
    """

    owner: Document
    objects: _Followed
    plans: Plans


def build(plans: Plans) -> Controller[Snapshot]:
    """Return the controller.

    Args:
        plans: what the ledger of this process remembers.
    """
    return Controller(
        name=NAME,
        resource=STATEFULSETS,
        triggers=(on_self(STATEFULSETS), Trigger(PODS, _pod_keys)),
        take=partial(take, plans=plans),
        decide=decide,
        indexes=tuple(by_namespace(resource) for resource in _INDEXED),
        reads=_READ,
        workers=1,
        pause=WRITE_PAUSE_SECONDS,
    )


def take(key: ObjectKey, caches: Caches, plans: Plans) -> Snapshot | None:
    """Return a set that is to have conditions, or to lose them."""
    found = caches.of(STATEFULSETS).get(key)
    if found is None or meta.is_deleting(found.document):
        return None
    if DEADLINE not in meta.annotations(found.document) and not _present(found.document):
        return None
    return Snapshot(found.document, _Followed(caches), plans)


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return the patch that makes the conditions true, and when to look again."""
    owner = snapshot.owner
    before = conditions.conditions(owner)
    if DEADLINE not in meta.annotations(owner):
        return Plan((_patch(owner, [one for one in before if one["type"] not in TYPES]),))
    found = explain.explain(STATEFULSETS, owner, Picture(snapshot.objects, snapshot.plans, now))
    wanted = [{key: one[key] for key in ("type", "status", "reason", "message")} for one in found["conditions"]]
    wake = STALL_LOOK_SECONDS if found["state"] in ("Progressing", "Stalled") else None
    if all(_same(conditions.find(before, one["type"]), one) for one in wanted):
        return Plan(wake_after=wake)
    made = before
    for one in wanted:
        made = tuple(conditions.with_condition(made, one, now))
    return Plan((_patch(owner, made), *_events(owner, before, found)), wake_after=wake)


def _present(owner: Document) -> bool:
    return any(one["type"] in TYPES for one in conditions.conditions(owner))


def _same(old: conditions.Condition | None, new: Document) -> bool:
    """Return whether a condition says the same; of its message the culprit counts, not how often it crashed meanwhile."""
    if old is None or (old["status"], old.get("reason")) != (new["status"], new["reason"]):
        return False
    return str(old.get("message", "")).partition(":")[0] == str(new["message"]).partition(":")[0]


def _patch(owner: Document, made: Iterable[conditions.Condition]) -> Patch:
    key = ObjectKey(meta.namespace(owner), meta.name(owner))
    body = {"status": {"conditions": [dict(one) for one in made]}}
    return Patch(
        STATEFULSETS, key, body, meta.uid(owner), subresource="status", resource_version=meta.resource_version(owner)
    )


def _events(owner: Document, before: Iterable[conditions.Condition], found: Document) -> Iterable[Step]:
    """Return the event of a set that has stalled, or that moves again."""
    was = any(one["type"] == "Stalled" and one["status"] == "True" for one in before)
    if found["state"] == "Stalled" and not was:
        first = found["gates"][0]
        culprit = f"{first['culprit']['kind']} {first['culprit']['name']}"
        way = ": ".join(part for part in (first.get("opens"), first.get("command")) if part)
        text = f"{first['gate']}: {culprit}: {first['evidence']}" + (f"; opens: {way}" if way else "")
        yield Emit(owner, "Warning", "Stalled", text)
    elif was and found["state"] != "Stalled":
        yield Emit(owner, "Normal", "Progressing", f"no longer stalled: {found['state'].lower()}")


def _pod_keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> Iterable[ObjectKey]:
    """Return the set that controls the pod, if it asks for conditions."""
    found = set()
    for side in sides(before, after):
        controller = owners.controller_of(side.document)
        if controller is not None and controller["kind"] == STATEFULSETS.kind:
            key = ObjectKey(side.key.namespace, controller["name"])
            owner = caches.of(STATEFULSETS).get(key)
            if owner is not None and DEADLINE in meta.annotations(owner.document):
                found.add(key)
    return found

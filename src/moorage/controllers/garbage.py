"""The garbage collector: what is owned goes when its owners are gone.

In: objects of every kind with their ownerReferences. Out: plans. One controller a kind; owners are told apart by uid, never
by name. Source: facts/apiserver.md 5.4. Nothing is deleted before its owners' absence was read live, and every delete
names the uid and the state it was decided on (facts/reliability.md ID4, VO4).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.views.meta import OwnerReference
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.actions import Action, Batch, ConfirmAbsent, Delete, Patch, Step
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.triggers import sides

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner reference and what the caches know of it.

    Args:
        reference: the reference.
        resource: its kind; None for one that is not served, which is never judged.
        found: the object of that uid, None where the cache has none.
    """

    reference: OwnerReference
    resource: Resource | None
    found: Cached[Any] | None

    @property
    def waits(self) -> bool:
        """Whether it is being deleted in the foreground: it waits for its dependents."""
        return self.found is not None and _is_leaving(self.found, FOREGROUND)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One object between its owners and its dependents.

    Args:
        entry: the object.
        owners: what it names as owners.
        dependents: what names it as owner, of every kind; only looked up while it is being deleted.
    """

    entry: Cached[Any]
    owners: tuple[Owner, ...]
    dependents: tuple[tuple[Resource, Cached[Any]], ...]


def build_all(resources: Iterable[Resource]) -> tuple[Controller[Snapshot], ...]:
    """Return a controller for each kind. Events are left out: nothing owns them and they are many."""
    kinds = tuple(resource for resource in resources if resource != scheme.EVENTS)
    return tuple(_build(resource, kinds) for resource in kinds)


def _build(resource: Resource, kinds: tuple[Resource, ...]) -> Controller[Snapshot]:
    touched = partial(_touched, resource=resource)
    return Controller(
        name="garbage-collector-controller",
        resource=resource,
        triggers=(
            Trigger(resource, _changed, _lineage_changed),
            *(Trigger(kind, touched, _may_touch) for kind in kinds),
        ),
        take=partial(take, resource=resource, kinds=kinds),
        decide=partial(decide, resource=resource),
        indexes=(_by_owner(resource),),
        workers=2,
    )


def take(key: ObjectKey, caches: Caches, resource: Resource, kinds: tuple[Resource, ...]) -> Snapshot | None:
    """Return what is known of an object; None where it has neither owners nor a deletion to carry out."""
    entry = caches.of(resource).get(key)
    if entry is None:
        return None
    leaving = _is_leaving(entry, FOREGROUND) or _is_leaving(entry, ORPHAN)
    references = entry.view.metadata.owner_references
    if not leaving and not references:
        return None
    uid = entry.view.metadata.uid
    dependents = [(kind, one) for kind in kinds for one in caches.of(kind).by_index("owner", uid)] if leaving else ()
    return Snapshot(entry, tuple(_owner(one, key, caches, kinds) for one in references), tuple(dependents))


def decide(snapshot: Snapshot, _now: datetime.datetime, resource: Resource) -> Plan:
    """Carry out the object's own deletion, or delete it because its owners are gone."""
    entry = snapshot.entry
    if _is_leaving(entry, ORPHAN):
        return _orphan(snapshot, resource)
    if _is_leaving(entry, FOREGROUND):
        return _foreground(snapshot, resource)
    if entry.view.metadata.deleting:
        return Plan()
    return _judge(snapshot, resource)


def _orphan(snapshot: Snapshot, resource: Resource) -> Plan:
    """Take the object off its dependents, then let it go."""
    uid = snapshot.entry.view.metadata.uid
    sequences = tuple((_without(kind, one, {uid}),) for kind, one in snapshot.dependents)
    first: tuple[Step, ...] = (Batch(sequences),) if sequences else ()
    return Plan((*first, _drop_finalizer(resource, snapshot.entry, ORPHAN)))


def _foreground(snapshot: Snapshot, resource: Resource) -> Plan:
    """Let the object go once no dependent that blocks it is left; the dependents are deleted on their own keys."""
    uid = snapshot.entry.view.metadata.uid
    blocking = [
        (kind, one)
        for kind, one in snapshot.dependents
        if any(owner.uid == uid and owner.block_owner_deletion for owner in one.view.metadata.owner_references)
    ]
    if not blocking:
        return Plan((_drop_finalizer(resource, snapshot.entry, FOREGROUND),))
    kind, first = blocking[0]
    culprit = Culprit(kind.kind, first.key, first.view.metadata.uid)
    holds = f"remove {resource.kind} {snapshot.entry.key.name}"
    opens = f"{len(blocking)} dependents being removed"
    return Plan(gates=(Gate("DependentsLeft", holds, culprit, "foreground deletion", opens),))


def _judge(snapshot: Snapshot, resource: Resource) -> Plan:
    """Compare the owners: one that stays keeps the object; without any it is deleted."""
    known = [owner for owner in snapshot.owners if owner.resource is not None]
    staying = [owner for owner in known if owner.found is not None and not owner.waits]
    absent = [owner for owner in known if owner.found is None]
    waiting = [owner for owner in known if owner.waits]
    if len(known) < len(snapshot.owners) or not (absent or waiting):
        return Plan()
    confirmed = tuple(_confirm(owner, snapshot.entry) for owner in absent)
    if staying:
        gone = {owner.reference.uid for owner in (*absent, *waiting)}
        return Plan((*confirmed, _without(resource, snapshot.entry, gone)))
    entry = snapshot.entry
    metadata = entry.view.metadata
    policy: Literal["Foreground", "Background"] = "Foreground" if waiting else "Background"
    version = metadata.resource_version
    return Plan((*confirmed, Delete(resource, entry.key, metadata.uid, version, propagation=policy)))


def _confirm(owner: Owner, dependent: Cached[Any]) -> Action:
    assert owner.resource is not None
    namespace = dependent.key.namespace if owner.resource.namespaced else ""
    return ConfirmAbsent(owner.resource, ObjectKey(namespace, owner.reference.name), owner.reference.uid)


def _without(resource: Resource, entry: Cached[Any], uids: set[str]) -> Patch:
    """Return the patch that takes owners off; the resourceVersion guards the list, which is replaced whole."""
    metadata = entry.view.metadata
    kept = [one for one in entry.document["metadata"]["ownerReferences"] if one["uid"] not in uids]
    body: Document = {"metadata": {"ownerReferences": kept or None}}
    version = metadata.resource_version
    return Patch(resource, entry.key, body, metadata.uid, resource_version=version, missing_ok=True)


def _drop_finalizer(resource: Resource, entry: Cached[Any], finalizer: str) -> Patch:
    metadata = entry.view.metadata
    body = {"metadata": {"finalizers": [one for one in metadata.finalizers if one != finalizer]}}
    version = metadata.resource_version
    return Patch(resource, entry.key, body, metadata.uid, resource_version=version, missing_ok=True)


def _is_leaving(entry: Cached[Any], finalizer: str) -> bool:
    metadata = entry.view.metadata
    return metadata.deleting and finalizer in metadata.finalizers


def _owner(reference: OwnerReference, dependent: ObjectKey, caches: Caches, kinds: tuple[Resource, ...]) -> Owner:
    resource = scheme.by_kind(reference.api_version, reference.kind)
    if resource is None or resource not in kinds or (resource.namespaced and not dependent.namespace):
        return Owner(reference, None, None)
    key = ObjectKey(dependent.namespace if resource.namespaced else "", reference.name)
    found = caches.of(resource).get(key)
    same = found is not None and found.view.metadata.uid == reference.uid
    return Owner(reference, resource, found if same else None)


def _owner_uids(entry: Cached[Any]) -> Iterable[str]:
    return [owner.uid for owner in entry.view.metadata.owner_references]


def _by_owner(resource: Resource) -> Index:
    return Index("owner", resource, _owner_uids)


def _lineage_changed(before: Cached[Any] | None, after: Cached[Any] | None) -> bool:
    """Return whether an object came or went, or its owners, finalizers or deletion changed: nothing else matters here."""
    return before is None or after is None or _judged(before) != _judged(after)


def _may_touch(before: Cached[Any] | None, after: Cached[Any] | None) -> bool:
    """Return whether a change can concern dependents or owners: what only came has none that wait for it."""
    if before is None:
        return after is not None and after.view.metadata.deleting
    return _lineage_changed(before, after)


def _changed(_before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> set[ObjectKey]:
    """Return the key of the object itself."""
    return {after.key} if after is not None else set()


def _judged(entry: Cached[Any]) -> tuple[Any, ...]:
    metadata = entry.view.metadata
    return metadata.uid, metadata.owner_references, metadata.finalizers, metadata.deleting


def _touched(
    before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches, resource: Resource
) -> set[ObjectKey]:
    """Return the objects of `resource` that a change of any object concerns: as its dependents, or as its owners."""
    keys: set[ObjectKey] = set()
    if after is None or (after.view.metadata.deleting and not (before and before.view.metadata.deleting)):
        uids = {side.view.metadata.uid for side in sides(before, after)}
        keys |= {found.key for uid in uids for found in caches.of(resource).by_index("owner", uid)}
    if before is None or (after is not None and _same_owners(before, after)):
        return keys
    return keys | {
        key
        for owner in before.view.metadata.owner_references
        for key in _leaving_owner(owner, before, caches, resource)
    }


def _same_owners(before: Cached[Any], after: Cached[Any]) -> bool:
    return bool(before.view.metadata.owner_references == after.view.metadata.owner_references)


def _leaving_owner(owner: OwnerReference, dependent: Cached[Any], caches: Caches, resource: Resource) -> set[ObjectKey]:
    """Return the key of an owner of this kind that waits for its dependents."""
    if owner.kind != resource.kind or owner.api_version != resource.api_version:
        return set()
    key = ObjectKey(dependent.key.namespace if resource.namespaced else "", owner.name)
    found = caches.of(resource).get(key)
    return {key} if found is not None and found.view.metadata.deleting else set()

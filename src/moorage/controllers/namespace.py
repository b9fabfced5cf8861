"""A namespace that was deleted is emptied, then let go.

In: namespaces and what is in them, of every kind. Out: plans. Source: facts/apiserver.md 5.4; condition texts are upstream's.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from moorage.api import conditions, scheme
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import ConfirmEmpty, DeleteAll, Patch, Step, Update
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.triggers import by_namespace, on_self, sides

FINALIZER = "kubernetes"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one kind.

    Args:
        resource: the kind.
        count: how many objects.
        untouched: some are not being deleted yet.
        finalizers: how many objects each finalizer holds.
        first: one of them.
    """

    resource: Resource
    count: int
    untouched: bool
    finalizers: dict[str, int]
    first: ObjectKey


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A namespace being deleted, what is left in it, and every kind that could be."""

    namespace: Cached[Any]
    left: tuple[Left, ...]
    kinds: tuple[Resource, ...]


def build(resources: Iterable[Resource]) -> Controller[Snapshot]:
    """Return the controller.

    Args:
        resources: every kind that is served.
    """
    kinds = tuple(resource for resource in resources if resource.namespaced)
    cached = tuple(resource for resource in kinds if resource != scheme.EVENTS)
    return Controller(
        name="namespace-controller",
        resource=scheme.NAMESPACES,
        triggers=(on_self(scheme.NAMESPACES), *(Trigger(kind, _emptied) for kind in cached)),
        take=partial(take, kinds=kinds),
        decide=decide,
        indexes=tuple(by_namespace(kind) for kind in cached),
        workers=2,
    )


def take(key: ObjectKey, caches: Caches, kinds: tuple[Resource, ...]) -> Snapshot | None:
    """Return what is left in a namespace; None unless it is being deleted."""
    namespace = caches.of(scheme.NAMESPACES).get(key)
    if namespace is None or not namespace.view.metadata.deleting or FINALIZER not in namespace.view.spec.finalizers:
        return None
    found = (_left(kind, key.name, caches) for kind in kinds if kind != scheme.EVENTS)
    return Snapshot(namespace, tuple(one for one in found if one is not None), kinds)


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Delete what is left; once nothing is, take the finalizer off."""
    name = snapshot.namespace.key.name
    if snapshot.left:
        emptied: tuple[Step, ...] = tuple(DeleteAll(one.resource, name) for one in snapshot.left if one.untouched)
        return Plan((*emptied, *_report(snapshot, now)), gates=tuple(_gate(name, one) for one in snapshot.left))
    events = DeleteAll(scheme.EVENTS, name)
    checks = tuple(ConfirmEmpty(kind, name) for kind in snapshot.kinds if kind != scheme.EVENTS)
    document = snapshot.namespace.document
    kept = [one for one in snapshot.namespace.view.spec.finalizers if one != FINALIZER]
    freed = {**document, "spec": {**document["spec"], "finalizers": kept}}
    return Plan((*checks, events, Update(scheme.NAMESPACES, freed, subresource="finalize")))


def _left(kind: Resource, namespace: str, caches: Caches) -> Left | None:
    found = tuple(caches.of(kind).by_index("namespace", namespace))
    if not found:
        return None
    finalizers: dict[str, int] = {}
    for one in found:
        for finalizer in one.view.metadata.finalizers:
            finalizers[finalizer] = finalizers.get(finalizer, 0) + 1
    untouched = any(not one.view.metadata.deleting for one in found)
    return Left(kind, len(found), untouched, finalizers, found[0].key)


def _report(snapshot: Snapshot, now: datetime.datetime) -> tuple[Step, ...]:
    """Say in the status what is left, as upstream does; written only where it says something new."""
    present = conditions.conditions(snapshot.namespace.document)
    wanted: list[dict[str, Any]] = [dict(one) for one in present]
    for condition in _conditions(snapshot):
        wanted = conditions.with_condition(wanted, condition, now)
    if wanted == [dict(one) for one in present]:
        return ()
    body = {"status": {"conditions": wanted}}
    uid = snapshot.namespace.view.metadata.uid
    return (Patch(scheme.NAMESPACES, snapshot.namespace.key, body, uid, subresource="status"),)


def _conditions(snapshot: Snapshot) -> Iterable[Document]:
    remaining = ", ".join(f"{one.resource.plural}. has {one.count} resource instances" for one in snapshot.left)
    finalizers: dict[str, int] = {}
    for one in snapshot.left:
        for name, count in one.finalizers.items():
            finalizers[name] = finalizers.get(name, 0) + count
    held = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(finalizers.items()))
    yield _condition(
        "NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"
    )
    yield _condition(
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    )
    yield _condition(
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    )
    yield _condition(
        "NamespaceContentRemaining", "SomeResourcesRemain", f"Some resources are remaining: {remaining}", "True"
    )
    if held:
        text = f"Some content in the namespace has finalizers remaining: {held}"
        yield _condition("NamespaceFinalizersRemaining", "SomeFinalizersRemain", text, "True")
    else:
        yield _condition(
            "NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"
        )


def _condition(kind: str, reason: str, message: str, status: str = "False") -> Document:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _gate(namespace: str, left: Left) -> Gate:
    culprit = Culprit(left.resource.kind, left.first)
    evidence = f"{left.count} {left.resource.plural} left"
    return Gate("ContentLeft", f"remove Namespace {namespace}", culprit, evidence, "they are being deleted")


def _emptied(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the namespace of an object, if it is being deleted."""
    keys = {ObjectKey("", side.key.namespace) for side in sides(before, after)}
    namespaces = caches.of(scheme.NAMESPACES)
    return {key for key in keys if (found := namespaces.get(key)) and found.view.metadata.deleting}

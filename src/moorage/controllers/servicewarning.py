"""A set whose `serviceName` names no Service although another headless Service selects its pods gets one warning:
Kubernetes accepts the slip silently, and no peer ever resolves.

In: StatefulSets and Services. Out: plans with one Warning event a generation (docs/deviations.md). Where no Service selects
the pods either there may be none on purpose: then only a gate says so, and events stay Kubernetes' own. Once the Service
exists there is nothing to say. Source: facts/statefulset.md 6.4.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import EVENTS, SERVICES, STATEFULSETS
from moorage.informer.cache import Cached, Caches
from moorage.reconcile import events
from moorage.reconcile.actions import Create, Emit
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.triggers import by_namespace, sides

SOURCE = events.Source("moorage")
REASON = "ServiceNotFound"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A set whose Service is missing.

    Args:
        owner: the set.
        selecting: headless Services that do select its pods.
    """

    owner: Cached[Any]
    selecting: tuple[str, ...]


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="statefulset-service-check",
        resource=STATEFULSETS,
        triggers=(Trigger(STATEFULSETS, _changed), Trigger(SERVICES, _keys)),
        take=take,
        decide=decide,
        indexes=(by_namespace(STATEFULSETS), by_namespace(SERVICES)),
        workers=1,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return the set if the Service it names does not exist."""
    owner = caches.of(STATEFULSETS).get(key)
    if owner is None or owner.view.metadata.deleting or not owner.view.spec.service_name:
        return None
    if caches.of(SERVICES).get(ObjectKey(key.namespace, owner.view.spec.service_name)) is not None:
        return None
    pod_labels = _pod_labels(owner)
    services = caches.of(SERVICES).by_index("namespace", key.namespace)
    return Snapshot(owner, tuple(sorted(one.key.name for one in services if _selects(one, pod_labels))))


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Warn once a generation."""
    owner = snapshot.owner
    metadata, name = owner.view.metadata, owner.view.spec.service_name
    hint = f"create a headless Service named {name}"
    gate = Gate(
        "ServiceMissing",
        f"DNS names of pods of {owner.key.name}",
        Culprit(SERVICES.kind, ObjectKey(owner.key.namespace, name)),
        "no such Service",
        hint,
    )
    if not snapshot.selecting:
        return Plan(gates=(gate,))
    others = ", ".join(f'"{found}"' for found in snapshot.selecting)
    text = (
        f'StatefulSet names Service "{name}", which does not exist: the DNS names of its pods will not resolve. '
        f"Headless Service {others} selects these pods but is not the one named; {hint}"
    )
    warning = Emit(owner.document, "Warning", REASON, text)
    # The name makes it one event a generation, whoever asks how often; no memory is needed.
    event = events.document(warning, SOURCE, f"{owner.key.name}.{metadata.uid[:8]}-{metadata.generation}", now)
    return Plan((Create(EVENTS, event, exists_ok=True),), gates=(gate,))


def _selects(service: Cached[Any], pod_labels: dict[str, str] | None) -> bool:
    spec = service.view.spec
    return service.view.headless and bool(spec.selector) and labels.from_map(spec.selector).matches(pod_labels)


def _changed(before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> set[ObjectKey]:
    """Return the set's key where its spec changed."""
    if before and after and before.view.metadata.generation == after.view.metadata.generation:
        return set()
    return {side.key for side in sides(before, after)}


def _keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the sets that name the changed Service or whose pods it selects."""
    return {
        found.key
        for side in sides(before, after)
        for found in caches.of(STATEFULSETS).by_index("namespace", side.key.namespace)
        if found.view.spec.service_name == side.key.name or _selects(side, _pod_labels(found))
    }


def _pod_labels(owner: Cached[Any]) -> dict[str, str] | None:
    return (owner.view.spec.template.get("metadata") or {}).get("labels")

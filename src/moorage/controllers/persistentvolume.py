"""A volume's phase: Available, Bound, Released, and what becomes of it when its claim is gone.

In: volumes and claims. Out: plans. Binding itself is the claim's side. Data is deleted by the provisioner that made the
volume, when it sees phase Released and policy Delete. Source: facts/statefulset.md 7.3, 7.4; facts/reliability.md VO4.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import ConfirmAbsent, Emit, Patch, Step
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.triggers import on_self, sides

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A volume, and the object its claimRef names (whatever its uid)."""

    volume: Cached[Any]
    claim: Cached[Any] | None


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="persistentvolume-controller",
        resource=PERSISTENTVOLUMES,
        triggers=(on_self(PERSISTENTVOLUMES), Trigger(PERSISTENTVOLUMECLAIMS, _volumes_of_claim)),
        take=take,
        decide=decide,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of a volume."""
    volume = caches.of(PERSISTENTVOLUMES).get(key)
    if volume is None:
        return None
    reference = volume.view.spec.claim_ref
    named = ObjectKey(reference.namespace, reference.name) if reference else None
    return Snapshot(volume, caches.of(PERSISTENTVOLUMECLAIMS).get(named) if named else None)


def decide(snapshot: Snapshot, _now: datetime.datetime) -> Plan:
    """Return the next step of a volume's life."""
    volume, claim = snapshot.volume, snapshot.claim
    reference = volume.view.spec.claim_ref
    if reference is None or not reference.uid:
        return Plan(_phase(volume, "Available"))
    if claim is None or claim.view.metadata.uid != reference.uid:
        return _released(volume)
    if claim.view.spec.volume_name == volume.key.name:
        return Plan(_phase(volume, "Bound"))
    if not claim.view.spec.volume_name:
        return Plan()  # The claim's side finishes what it began.
    if PROVISIONED_BY in volume.view.metadata.annotations and _policy(volume) == "Delete":
        return Plan((*_phase(volume, "Released"), *_reclaim(volume)))
    return Plan((_unbind(volume), *_phase(volume, "Available")))


def _released(volume: Cached[Any]) -> Plan:
    """The claim is gone: looked up once more before the volume is let go."""
    reference = volume.view.spec.claim_ref
    key = ObjectKey(reference.namespace, reference.name)
    if volume.view.status.phase in ("Released", "Failed"):
        return Plan(_reclaim(volume))
    gone = ConfirmAbsent(PERSISTENTVOLUMECLAIMS, key, reference.uid)
    return Plan((gone, *_phase(volume, "Released"), *_reclaim(volume)))


def _reclaim(volume: Cached[Any]) -> tuple[Step, ...]:
    """Report what no provisioner will do; Retain and provisioned volumes are left alone."""
    policy, phase = _policy(volume), volume.view.status.phase
    if phase == "Failed" or policy == "Retain" or PROVISIONED_BY in volume.view.metadata.annotations:
        return ()
    reason, text = {
        "Delete": ("VolumeFailedDelete", "no deletable volume plugin matched"),
        "Recycle": ("VolumeFailedRecycle", "No recycler plugin found for the volume!"),
    }.get(policy, ("VolumeUnknownReclaimPolicy", "Volume has unrecognized reclaim policy"))
    return (*_phase(volume, "Failed", text), Emit(volume.document, "Warning", reason, text))


def _unbind(volume: Cached[Any]) -> Step:
    """Take the claim off: the whole reference where the binder chose it, else only its uid."""
    metadata = volume.view.metadata
    chosen = BOUND_BY_CONTROLLER in metadata.annotations
    body: Document = {"spec": {"claimRef": None if chosen else {"uid": None, "resourceVersion": None}}}
    if chosen:
        body["metadata"] = {"annotations": {BOUND_BY_CONTROLLER: None}}
    return Patch(PERSISTENTVOLUMES, volume.key, body, metadata.uid, resource_version=metadata.resource_version)


def _phase(volume: Cached[Any], phase: str, message: str = "") -> tuple[Step, ...]:
    if volume.view.status.phase == phase:
        return ()
    body = {"status": {"phase": phase, "message": message or None}}
    return (Patch(PERSISTENTVOLUMES, volume.key, body, volume.view.metadata.uid, subresource="status"),)


def _policy(volume: Cached[Any]) -> str:
    return volume.view.spec.persistent_volume_reclaim_policy or "Retain"


def _volumes_of_claim(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the volumes a claim is bound to, or was."""
    names = {side.view.spec.volume_name for side in sides(before, after)}
    return {ObjectKey("", name) for name in names if name}

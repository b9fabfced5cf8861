"""The four writes that bind a claim to a volume, in the order that survives a crash between any two.

In: a claim and a volume. Out: steps; those already done are left out. Source: facts/statefulset.md 7.3.
The first write decides (compare-and-swap on the volume), so two claims never get one volume (facts/reliability.md VO7).
"""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.controllers.persistentvolumeclaim.words import BIND_COMPLETED, BOUND_BY_CONTROLLER, reserved_for
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Patch, Step


def steps(claim: Cached[Any], volume: Cached[Any]) -> tuple[Step, ...]:
    """Return the writes still missing."""
    return (*_reserve(claim, volume), *_mark_volume(volume), *_name_volume(claim, volume), *_mark_claim(claim, volume))


def _reserve(claim: Cached[Any], volume: Cached[Any]) -> tuple[Step, ...]:
    reference = volume.view.spec.claim_ref
    if reference is not None and reference.uid == claim.view.metadata.uid:
        return ()
    metadata = claim.view.metadata
    body: Document = {
        "spec": {
            "claimRef": {
                "apiVersion": "v1",
                "kind": PERSISTENTVOLUMECLAIMS.kind,
                "namespace": metadata.namespace,
                "name": metadata.name,
                "uid": metadata.uid,
                "resourceVersion": metadata.resource_version,
            }
        }
    }
    if not reserved_for(volume.view, claim.view):
        body["metadata"] = {"annotations": {BOUND_BY_CONTROLLER: "yes"}}
    meta = volume.view.metadata
    return (Patch(PERSISTENTVOLUMES, volume.key, body, meta.uid, resource_version=meta.resource_version),)


def _mark_volume(volume: Cached[Any]) -> tuple[Step, ...]:
    if volume.view.status.phase == "Bound":
        return ()
    body = {"status": {"phase": "Bound", "message": None, "reason": None}}
    return (Patch(PERSISTENTVOLUMES, volume.key, body, volume.view.metadata.uid, subresource="status"),)


def _name_volume(claim: Cached[Any], volume: Cached[Any]) -> tuple[Step, ...]:
    view = claim.view
    chosen = not view.spec.volume_name
    marks = {BIND_COMPLETED: "yes", **({BOUND_BY_CONTROLLER: "yes"} if chosen else {})}
    if not chosen and marks.items() <= view.metadata.annotations.items():
        return ()
    body: Document = {"metadata": {"annotations": marks}}
    if chosen:
        body["spec"] = {"volumeName": volume.key.name}
    version = view.metadata.resource_version
    return (Patch(PERSISTENTVOLUMECLAIMS, claim.key, body, view.metadata.uid, resource_version=version),)


def _mark_claim(claim: Cached[Any], volume: Cached[Any]) -> tuple[Step, ...]:
    status, offered = claim.view.status, volume.view.spec
    if status.phase == "Bound" and status.access_modes == offered.access_modes and status.capacity:
        return ()
    wanted = {"phase": "Bound", "accessModes": list(offered.access_modes), "capacity": dict(offered.capacity)}
    return (
        Patch(PERSISTENTVOLUMECLAIMS, claim.key, {"status": wanted}, claim.view.metadata.uid, subresource="status"),
    )

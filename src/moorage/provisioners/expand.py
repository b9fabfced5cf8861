"""Growing a bound volume: whether a claim is owed more, and what its status says meanwhile. Pure.

In: claim and volume as they are now. Out: `Growth` or None, and the statuses to write. Protocol: Kubernetes' external
resizer with RecoverVolumeExpansionFailure (facts: statefulset 7.8), so that any other resizer can take our place.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from moorage.api import conditions, quantity
from moorage.api.quantity import Quantity
from moorage.api.refs import Document
from moorage.api.times import format_time
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, QuantityText
from moorage.provisioners.decide import PROVISIONED_BY
from moorage.provisioners.ports import Backend

RESIZE_CONDITIONS = frozenset(("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"))
_IN_PROGRESS = "ControllerResizeInProgress"


@dataclass(frozen=True, slots=True)
class Growth:
    """A volume to grow.

    Args:
        volume: name of the PersistentVolume.
        size: what it must hold afterwards.
    """

    volume: str
    size: Quantity

    @property
    def text(self) -> str:
        """The size as documents carry it."""
        return str(self.size)


def wanted(claim: PersistentVolumeClaim) -> bool:
    """Return whether a claim asks for more than it has: only bound claims can."""
    return claim.status.phase == "Bound" and bool(claim.spec.volume_name) and _requested(claim) > _has(claim)


def growth(claim: PersistentVolumeClaim, volume: PersistentVolume, backend: Backend) -> Growth | None:
    """Return what this backend owes a claim, None where it owes nothing.

    A volume that is larger already is only written down: a crash came before the claim learned of it.
    """
    owner = volume.spec.claim_ref
    bound = owner is not None and owner.uid == claim.metadata.uid and claim.spec.volume_name == volume.metadata.name
    ours = volume.metadata.annotations.get(PROVISIONED_BY) == backend.provisioner
    if not (wanted(claim) and bound and ours):
        return None
    return Growth(volume.metadata.name, max(_requested(claim), _storage(volume.spec.capacity)))


def in_progress(claim: Document, due: Growth, now: datetime.datetime) -> Document | None:
    """Return the status that says a claim is being grown; None where it says so already: a retry changes nothing."""
    status = claim.get("status") or {}
    allocated = (status.get("allocatedResources") or {}).get("storage")
    if allocated == due.text and conditions.is_true(claim, "Resizing"):
        return None
    return {
        "conditions": [*_others(claim), _condition("Resizing", now)],
        "allocatedResources": {"storage": due.text},
        "allocatedResourceStatuses": {"storage": _IN_PROGRESS},
    }


def failed(claim: Document, problem: str, now: datetime.datetime) -> Document | None:
    """Return the status that tells of a failure; None where it tells of the same one already."""
    message = f"failed to expand pvc with {problem}"
    present = conditions.conditions(claim)
    known = conditions.find(present, "ControllerResizeError")
    if known is not None and known.get("message") == message:
        return None
    kept = [dict(one) for one in present if one.get("type") != "ControllerResizeError"]
    return {"conditions": [*kept, {**_condition("ControllerResizeError", now), "message": message}]}


def finished(claim: Document, due: Growth) -> Document:
    """Return the status of a claim whose volume has grown, for a merge patch."""
    return {
        "capacity": {"storage": due.text},
        "conditions": _others(claim) or None,
        "allocatedResourceStatuses": {"storage": None},
    }


def _others(claim: Document) -> list[Document]:
    return [dict(one) for one in conditions.conditions(claim) if one.get("type") not in RESIZE_CONDITIONS]


def _condition(kind: str, now: datetime.datetime) -> Document:
    return {"type": kind, "status": "True", "lastTransitionTime": format_time(now)}


def _requested(claim: PersistentVolumeClaim) -> Quantity:
    return _storage(claim.spec.resources.requests)


def _has(claim: PersistentVolumeClaim) -> Quantity:
    return _storage(claim.status.capacity)


def _storage(amounts: Mapping[str, QuantityText]) -> Quantity:
    return quantity.parse(str(amounts.get("storage", "0")))

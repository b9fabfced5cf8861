"""Which volume fits a claim.

In: claim and volume views. Out: the best volume, or why one does not fit. Source: facts/statefulset.md 7.1, 7.2.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api import labels, quantity
from moorage.api.quantity import Quantity
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, QuantityText
from moorage.controllers.persistentvolumeclaim.words import class_of, reserved_for, volume_class
from moorage.informer.cache import Cached

Candidate = Cached[PersistentVolume]


def best(claim: Cached[Any], volumes: Iterable[Candidate], *, reserved_only: bool) -> Candidate | None:
    """Return the volume to bind.

    Args:
        claim: unbound.
        volumes: candidates of any class and phase.
        reserved_only: only a volume that names the claim will do (binding waits for the scheduler).
    """
    fitting = [one for one in volumes if _could(claim.view, one.view)]
    for one in fitting:
        if reserved_for(one.view, claim.view):
            return one
    if reserved_only:
        return None
    selector = labels.from_document(claim.document["spec"].get("selector") or {})
    free = [one for one in fitting if _is_free(claim.view, one.view) and selector.matches(one.view.metadata.labels)]
    return min(free, key=_closeness, default=None)


def problem(claim: PersistentVolumeClaim, volume: PersistentVolume) -> str:
    """Return why a volume the claim asks for by name cannot be bound, "" if it can."""
    checks = (
        (_capacity(volume) < _request(claim), "requested PV is too small"),
        (volume_class(volume) != (class_of(claim) or ""), "storageClassName does not match"),
        (_mode(volume.spec.volume_mode) != _mode(claim.spec.volume_mode), "incompatible volumeMode"),
        (not _allows(claim, volume), "incompatible accessMode"),
        (volume.metadata.deleting, "the volume is marked for deletion"),
    )
    return next((text for wrong, text in checks if wrong), "")


def _could(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """Return whether nothing rules the volume out, reserved or not."""
    reference = volume.spec.claim_ref
    return (
        (reference is None or reserved_for(volume, claim))
        and not volume.metadata.deleting
        and _allows(claim, volume)
        and _mode(volume.spec.volume_mode) == _mode(claim.spec.volume_mode)
        and _capacity(volume) >= _request(claim)
    )


def _is_free(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    return (
        volume.spec.claim_ref is None
        and volume.status.phase == "Available"
        and volume_class(volume) == (class_of(claim) or "")
    )


def _closeness(volume: Candidate) -> tuple[int, Quantity, str]:
    """Fewest access modes, then least capacity, then name."""
    return len(volume.view.spec.access_modes), _capacity(volume.view), volume.key.name


def _allows(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    return set(claim.spec.access_modes) <= set(volume.spec.access_modes)


def _mode(mode: str | None) -> str:
    return mode or "Filesystem"


def _capacity(volume: PersistentVolume) -> Quantity:
    return _amount(volume.spec.capacity)


def _request(claim: PersistentVolumeClaim) -> Quantity:
    return _amount(claim.spec.resources.requests)


def _amount(amounts: dict[str, QuantityText]) -> Quantity:
    return quantity.parse(str(amounts.get("storage", "0")))

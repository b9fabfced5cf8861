"""What a claim needs next: a volume, a class, a provisioner, or patience.

In: `Snapshot`. Out: `Plan`. Source: the table of facts/statefulset.md 7.2, and 7.3 for bound claims; event texts are upstream's.
"""

import datetime
from typing import Literal

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.controllers.persistentvolumeclaim import bind, match
from moorage.controllers.persistentvolumeclaim.snapshot import Snapshot
from moorage.controllers.persistentvolumeclaim.words import (
    BETA_PROVISIONER,
    BIND_COMPLETED,
    NO_PROVISIONER,
    PROVISIONER,
    SELECTED_NODE,
    class_of,
    reserved_for,
)
from moorage.reconcile.actions import ConfirmAbsent, Emit, Patch, Step
from moorage.reconcile.plan import Culprit, Gate, Plan


def decide(snapshot: Snapshot, _now: datetime.datetime) -> Plan:
    """Return the next step of a claim's life."""
    if BIND_COMPLETED in snapshot.claim.view.metadata.annotations:
        return _bound(snapshot)
    return _named(snapshot) if snapshot.claim.view.spec.volume_name else _unnamed(snapshot)


def _unnamed(snapshot: Snapshot) -> Plan:
    """The claim leaves the choice of a volume to us."""
    claim = snapshot.claim
    waits = snapshot.storage_class is not None and snapshot.storage_class.waits_for_consumer
    chosen = match.best(claim, snapshot.candidates, reserved_only=waits)
    if chosen is not None:
        return Plan(bind.steps(claim, chosen))
    if class_of(claim.view) is None and snapshot.default_class:
        body: Document = {"spec": {"storageClassName": snapshot.default_class}}
        return Plan((_patch(snapshot, body),))
    if waits and not claim.view.metadata.annotations.get(SELECTED_NODE):
        return _waiting_for_consumer(snapshot)
    if class_of(claim.view):
        return _provision(snapshot)
    text = "no persistent volumes available for this claim and no storage class is set"
    return _pending(snapshot, "Normal", "FailedBinding", text)


def _named(snapshot: Snapshot) -> Plan:
    """Somebody chose the volume by name."""
    claim, volume = snapshot.claim, snapshot.volume
    name = claim.view.spec.volume_name
    if volume is None:
        return Plan(_to_pending(snapshot), gates=(_gate(snapshot, "VolumeMissing", name),))
    if reserved_for(volume.view, claim.view):
        return Plan(bind.steps(claim, volume))
    if volume.view.spec.claim_ref is not None:
        return _pending(snapshot, "Warning", "FailedBinding", f'volume "{name}" already bound to a different claim.')
    problem = match.problem(claim.view, volume.view)
    if problem:
        return _pending(snapshot, "Warning", "VolumeMismatch", f'Cannot bind to requested volume "{name}": {problem}')
    return Plan(bind.steps(claim, volume))


def _bound(snapshot: Snapshot) -> Plan:
    """The claim was bound before: finish what a crash left undone, or report the loss."""
    claim, volume = snapshot.claim, snapshot.volume
    name = claim.view.spec.volume_name
    if not name:
        text = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
        return _lost(snapshot, "ClaimLost", text)
    if volume is None:
        text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
        return _lost(snapshot, "ClaimLost", text, ConfirmAbsent(PERSISTENTVOLUMES, ObjectKey("", name), ""))
    if volume.view.spec.claim_ref is None or reserved_for(volume.view, claim.view):
        return Plan(bind.steps(claim, volume))
    text = "Two claims are bound to the same volume, this one is bound incorrectly"
    return _lost(snapshot, "ClaimMisbound", text)


def _waiting_for_consumer(snapshot: Snapshot) -> Plan:
    if snapshot.waiting_pods:
        text = f"waiting for pod {snapshot.waiting_pods[0]} to be scheduled"
        return _pending(snapshot, "Normal", "WaitForPodScheduled", text)
    text = "waiting for first consumer to be created before binding"
    return _pending(snapshot, "Normal", "WaitForFirstConsumer", text)


def _provision(snapshot: Snapshot) -> Plan:
    """Hand the claim to the provisioner of its class."""
    marks, storage_class = snapshot.claim.view.metadata.annotations, snapshot.storage_class
    if storage_class is None:
        text = f'storageclass.storage.k8s.io "{class_of(snapshot.claim.view)}" not found'
        return _pending(snapshot, "Warning", "ProvisioningFailed", text)
    provisioner = storage_class.provisioner
    if provisioner == NO_PROVISIONER:
        text = f"no volume plugin matched name: {NO_PROVISIONER}"
        return _pending(snapshot, "Warning", "ProvisioningFailed", text)
    text = (
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system "
        "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
        "registered."
    )
    plan = _pending(snapshot, "Normal", "ExternalProvisioning", text)
    wanted = {PROVISIONER: provisioner, BETA_PROVISIONER: provisioner}
    if wanted.items() <= marks.items():
        return plan
    return Plan((_patch(snapshot, {"metadata": {"annotations": wanted}}), *plan.steps), gates=plan.gates)


def _pending(snapshot: Snapshot, kind: Literal["Normal", "Warning"], reason: str, text: str) -> Plan:
    """Say why the claim stays pending."""
    event = Emit(snapshot.claim.document, kind, reason, text)
    return Plan((*_to_pending(snapshot), event), gates=(_gate(snapshot, reason, text),))


def _to_pending(snapshot: Snapshot) -> tuple[Step, ...]:
    if snapshot.claim.view.status.phase == "Pending":
        return ()
    return (_status(snapshot, {"phase": "Pending"}),)


def _lost(snapshot: Snapshot, reason: str, text: str, *first: Step) -> Plan:
    if snapshot.claim.view.status.phase == "Lost":
        return Plan()
    event = Emit(snapshot.claim.document, "Warning", reason, text)
    status: Document = {"phase": "Lost", "accessModes": None, "capacity": None}
    return Plan((*first, _status(snapshot, status), event))


def _gate(snapshot: Snapshot, name: str, evidence: str) -> Gate:
    claim = snapshot.claim
    opens = (
        "a pod that uses the claim"
        if name.startswith("WaitFor")
        else "a volume that fits, or a provisioner that makes one"
    )
    culprit = Culprit(PERSISTENTVOLUMECLAIMS.kind, claim.key, claim.view.metadata.uid)
    return Gate(name, f"bind PersistentVolumeClaim {claim.key.name}", culprit, evidence, opens)


def _patch(snapshot: Snapshot, body: Document) -> Patch:
    metadata = snapshot.claim.view.metadata
    version = metadata.resource_version
    return Patch(PERSISTENTVOLUMECLAIMS, snapshot.claim.key, body, metadata.uid, resource_version=version)


def _status(snapshot: Snapshot, status: Document) -> Patch:
    uid = snapshot.claim.view.metadata.uid
    return Patch(PERSISTENTVOLUMECLAIMS, snapshot.claim.key, {"status": status}, uid, subresource="status")

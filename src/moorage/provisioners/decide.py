"""What a provisioner owes a claim or a released volume: pure functions of what it sees.

In: claim, class and volume views. Out: `Owed`, or None. Protocol: facts statefulset 7.4 (the annotations of Kubernetes' external
provisioners), so that any other provisioner can take our place and we can serve any other binder.
"""

from dataclasses import dataclass
from typing import Any

from moorage.api import quantity
from moorage.api.refs import Document
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from moorage.provisioners.ports import Backend, Volume

PROVISIONER_ANNOTATIONS = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")
SELECTED_NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
HOSTNAME_LABEL = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True)
class Owed:
    """A volume to make, and the PersistentVolume to write once it is made."""

    volume: Volume
    document: Document


@dataclass(frozen=True, slots=True)
class Refused:
    """A claim that cannot be served; the text is for its event."""

    message: str


def class_of(claim: PersistentVolumeClaim) -> str:
    """Return the class a claim names: the old annotation beats the field (facts: statefulset 7.5)."""
    return claim.metadata.annotations.get(CLASS_ANNOTATION) or claim.spec.storage_class_name or ""


def provision(
    claim: PersistentVolumeClaim, storage_class: StorageClass | None, backend: Backend
) -> Owed | Refused | None:
    """Return the volume a claim is owed by this backend, a refusal, or None while it is not its turn."""
    marks = claim.metadata.annotations
    asked = next((marks[name] for name in PROVISIONER_ANNOTATIONS if name in marks), "")
    if asked != backend.provisioner or claim.spec.volume_name or claim.metadata.deleting:
        return None
    if storage_class is None or storage_class.provisioner != backend.provisioner:
        return None
    node = marks.get(SELECTED_NODE, "")
    if storage_class.waits_for_consumer and not node:
        return None
    problem = _problem(claim, backend)
    if problem:
        return Refused(problem)
    volume = Volume(
        f"pvc-{claim.metadata.uid}",
        claim.metadata.namespace,
        claim.metadata.name,
        quantity.parse(str(claim.spec.resources.requests.get("storage", "0"))).value,
        node,
        dict(storage_class.parameters),
    )
    return Owed(volume, _document(claim, storage_class, volume, backend))


def erasable(volume: PersistentVolume, backend: Backend) -> bool:
    """Return whether this backend must erase a volume and then delete its object."""
    return (
        volume.status.phase == "Released"
        and volume.spec.persistent_volume_reclaim_policy == "Delete"
        and volume.metadata.annotations.get(PROVISIONED_BY) == backend.provisioner
    )


def _problem(claim: PersistentVolumeClaim, backend: Backend) -> str:
    unknown = sorted(set(claim.spec.access_modes) - backend.access_modes)
    if unknown:
        return f"access mode {unknown[0]} is not supported by {backend.provisioner}"
    if claim.spec.volume_mode == "Block":
        return f"volumeMode Block is not supported by {backend.provisioner}"
    if claim.spec.selector is not None:
        return "claim Selector is not supported"
    return ""


def _document(claim: PersistentVolumeClaim, storage_class: StorageClass, volume: Volume, backend: Backend) -> Document:
    spec: dict[str, Any] = {
        "capacity": {"storage": claim.spec.resources.requests.get("storage", "0")},
        "accessModes": list(claim.spec.access_modes),
        "persistentVolumeReclaimPolicy": storage_class.reclaim_policy,
        "storageClassName": class_of(claim),
        "volumeMode": claim.spec.volume_mode or "Filesystem",
        "claimRef": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": claim.metadata.namespace,
            "name": claim.metadata.name,
            "uid": claim.metadata.uid,
            "resourceVersion": claim.metadata.resource_version,
        },
        **backend.source(volume),
    }
    if storage_class.mount_options:
        spec["mountOptions"] = list(storage_class.mount_options)
    if backend.nodes:
        nodes = [volume.node] if volume.node else list(backend.nodes)
        requirement = {"key": HOSTNAME_LABEL, "operator": "In", "values": nodes}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume.name, "annotations": {PROVISIONED_BY: backend.provisioner}},
        "spec": spec,
    }

"""Annotations of the binding protocol, and the class a claim names.

In: views. Out: names, small answers. Source: facts/statefulset.md 7.3-7.5.
"""

from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
BETA_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def class_of(claim: PersistentVolumeClaim) -> str | None:
    """Return the class a claim names, None for "the default": the old annotation beats the field."""
    return claim.metadata.annotations.get(BETA_CLASS, claim.spec.storage_class_name)


def volume_class(volume: PersistentVolume) -> str:
    """Return the class of a volume."""
    return volume.metadata.annotations.get(BETA_CLASS, volume.spec.storage_class_name)


def reserved_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Return whether a volume's claimRef names this claim: by name, and by uid where it has one."""
    reference, wanted = volume.spec.claim_ref, claim.metadata
    return (
        reference is not None
        and (reference.namespace, reference.name) == (wanted.namespace, wanted.name)
        and reference.uid in ("", wanted.uid)
    )

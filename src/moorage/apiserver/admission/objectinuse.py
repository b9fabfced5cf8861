"""StorageObjectInUseProtection: claims and volumes are born with the finalizer that keeps them while they are used.

In: new claims and volumes. Out: a finalizer. The controllers of both take it away (plugin/pkg/admission/storage upstream).
"""

from moorage.api import meta, scheme
from moorage.apiserver.admission.ports import Gate, World, Write

FINALIZERS = {
    scheme.PERSISTENTVOLUMECLAIMS: "kubernetes.io/pvc-protection",
    scheme.PERSISTENTVOLUMES: "kubernetes.io/pv-protection",
}


def check(write: Write, _world: World) -> None:
    """Add the finalizer."""
    finalizer = FINALIZERS[write.resource]
    present = meta.finalizers(write.new)
    if finalizer not in present:
        meta.own_metadata(write.new)["finalizers"] = [*present, finalizer]


GATE = Gate("StorageObjectInUseProtection", check, tuple(FINALIZERS))

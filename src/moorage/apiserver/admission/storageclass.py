"""DefaultStorageClass: a claim that names no class gets the default one.

In: new claims. Out: `spec.storageClassName`. Of several defaults the newest counts (plugin/pkg/admission/storage upstream).
"""

from moorage.api import meta, scheme
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import own

DEFAULT_ANNOTATION = "storageclass.kubernetes.io/is-default-class"
_OLD_DEFAULT_ANNOTATION = "storageclass.beta.kubernetes.io/is-default-class"
_OLD_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def check(write: Write, world: World) -> None:
    """Fill in the class."""
    spec = own(write.new, "spec")
    if spec.get("storageClassName") is not None or _OLD_CLASS_ANNOTATION in meta.annotations(write.new):
        return
    name = default_class(world)
    if name:
        spec["storageClassName"] = name


def default_class(world: World) -> str:
    """Return the default class, "" if there is none."""
    found = []
    for stored in world.all_of(scheme.STORAGECLASSES):
        annotations = meta.annotations(stored.document)
        if "true" in (annotations.get(DEFAULT_ANNOTATION), annotations.get(_OLD_DEFAULT_ANNOTATION)):
            found.append((stored.document["metadata"]["creationTimestamp"], stored.key.name))
    if not found:
        return ""
    newest = max(created for created, _ in found)
    return min(name for created, name in found if created == newest)


GATE = Gate("DefaultStorageClass", check, (scheme.PERSISTENTVOLUMECLAIMS,))

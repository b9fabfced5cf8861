"""PersistentVolumeClaimResize: a claim grows only if its class lets volumes grow.

In: updates of claims. Out: 403. Rules: plugin/pkg/admission/storage/persistentvolume/resize upstream.
"""

from moorage.api import scheme
from moorage.api.quantity import Quantity, parse
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import part


def check(write: Write, world: World) -> None:
    """Refuse growth nobody can carry out. Raises: ApiError (403)."""
    assert write.old is not None
    if _size(write.new) <= _size(write.old):
        return
    sentence = ""
    if part(write.old, "status").get("phase") != "Bound":
        sentence = "Only bound persistent volume claims can be expanded"
    elif not may_grow(write.new, world):
        sentence = (
            "only dynamically provisioned pvc can be resized and "
            "the storageclass that provisions the pvc must support resize"
        )
    if sentence:
        raise errors.forbidden(write.resource, write.key.name, sentence)


def may_grow(claim: Document, world: World) -> bool:
    """Return whether the class of a claim lets its volume grow."""
    name = part(claim, "spec").get("storageClassName") or ""
    found = world.get(scheme.STORAGECLASSES, "", name) if name else None
    return found is not None and bool(found.document.get("allowVolumeExpansion"))


def _size(claim: Document) -> Quantity:
    return parse(part(claim, "spec", "resources", "requests").get("storage") or "0")


GATE = Gate("PersistentVolumeClaimResize", check, (scheme.PERSISTENTVOLUMECLAIMS,), operations=("UPDATE",), late=True)

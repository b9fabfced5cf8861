"""Owner references: who made an object, and who runs it.

In: documents. Out: references as documents, and comparisons by uid (a name may be used again, a uid never).
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, Resource

OwnerReference = Mapping[str, Any]


def owner_references(document: Mapping[str, Any]) -> tuple[OwnerReference, ...]:
    """Return metadata.ownerReferences in order."""
    return tuple(meta.metadata(document).get("ownerReferences") or ())


def controller_of(document: Mapping[str, Any]) -> OwnerReference | None:
    """Return the reference marked as controller, None if there is none."""
    return next((reference for reference in owner_references(document) if reference.get("controller")), None)


def is_controlled_by(document: Mapping[str, Any], owner_uid: str) -> bool:
    """Return whether the controller of a document has this uid."""
    controller = controller_of(document)
    return controller is not None and controller["uid"] == owner_uid


def is_owned_by(document: Mapping[str, Any], owner_uid: str) -> bool:
    """Return whether any owner of a document has this uid."""
    return any(reference.get("uid") == owner_uid for reference in owner_references(document))


def reference_to(owner: Mapping[str, Any], resource: Resource) -> Document:
    """Return a plain owner reference to an object."""
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": meta.name(owner),
        "uid": meta.uid(owner),
    }


def controller_reference(owner: Mapping[str, Any], resource: Resource) -> Document:
    """Return the owner reference a controller puts on what it makes."""
    return {**reference_to(owner, resource), "controller": True, "blockOwnerDeletion": True}


def with_owner(document: Document, reference: OwnerReference) -> Document:
    """Return a document with one more owner; a reference of the same uid is replaced."""
    kept = [old for old in owner_references(document) if old.get("uid") != reference["uid"]]
    return _with_owners(document, [*kept, dict(reference)])


def without_owner(document: Document, owner_uid: str) -> Document:
    """Return a document without the owner of this uid."""
    return _with_owners(document, [old for old in owner_references(document) if old.get("uid") != owner_uid])


def _with_owners(document: Document, references: list[Any]) -> Document:
    kept = {key: value for key, value in meta.metadata(document).items() if key != "ownerReferences"}
    if references:
        kept["ownerReferences"] = references
    return {**document, "metadata": kept}

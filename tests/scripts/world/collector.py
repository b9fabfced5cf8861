"""What others do in a cluster: garbage collection, cascades, protection of claims, binding of claims.

In: a store. Out: changes of it, one pass at a time until nothing changes.
"""

from moorage.api import meta, owners
from moorage.api.refs import Document, Resource, key_of
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS
from tests.scripts.world.store import CLAIM_PROTECTION, FOREGROUND, ORPHAN, Store


def collect(store: Store) -> bool:
    """Do one pass; return whether anything changed."""
    before = store.revision
    uids = {meta.uid(document): document for _, document in store.everything()}
    for resource, document in store.everything():
        if store.find(resource, key_of(document)) is not document:
            continue
        if meta.is_deleting(document):
            _release(store, resource, document)
        else:
            _cascade(store, resource, document, uids)
    for claim in store.all(PERSISTENTVOLUMECLAIMS):
        _claim(store, claim)
    return store.revision != before


def _cascade(store: Store, resource: Resource, document: Document, uids: dict[str, Document]) -> None:
    """Delete what only absent owners, or an owner that is deleted in the foreground, hold on to."""
    references = owners.owner_references(document)
    if not references:
        return
    alive = [uids[one["uid"]] for one in references if one["uid"] in uids]
    if all(FOREGROUND in meta.finalizers(owner) for owner in alive):
        store.delete(resource, key_of(document), meta.uid(document))


def _release(store: Store, resource: Resource, document: Document) -> None:
    """Take a cascade's finalizer off once its work is done."""
    uid, finalizers = meta.uid(document), meta.finalizers(document)
    dependents = [(kind, one) for kind, one in store.everything() if owners.is_owned_by(one, uid)]
    if ORPHAN in finalizers:
        for kind, one in dependents:
            store.update(kind, owners.without_owner(one, uid))
        _drop(store, resource, document, ORPHAN)
    elif FOREGROUND in finalizers and not dependents:
        _drop(store, resource, document, FOREGROUND)


def _claim(store: Store, claim: Document) -> None:
    """Bind a claim that has a class; let a deleted one go once no scheduled pod uses it."""
    if not meta.is_deleting(claim):
        if (claim.get("status") or {}).get("phase") != "Bound" and (claim.get("spec") or {}).get("storageClassName"):
            status = {"phase": "Bound", "capacity": (claim["spec"].get("resources") or {}).get("requests") or {}}
            store.update(PERSISTENTVOLUMECLAIMS, {**claim, "status": status}, "status")
        return
    used = any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == meta.name(claim)
        for pod in store.all(PODS)
        if pod["spec"].get("nodeName") and meta.namespace(pod) == meta.namespace(claim)
        for volume in pod["spec"].get("volumes") or ()
    )
    if not used and CLAIM_PROTECTION in meta.finalizers(claim):
        _drop(store, PERSISTENTVOLUMECLAIMS, claim, CLAIM_PROTECTION)


def _drop(store: Store, resource: Resource, document: Document, finalizer: str) -> None:
    live = store.find(resource, key_of(document))
    if live is not None:
        kept = tuple(one for one in meta.finalizers(live) if one != finalizer)
        store.update(resource, meta.with_finalizers(live, kept))

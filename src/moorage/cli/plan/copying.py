"""The live objects that a plan needs: those of the namespaces it changes, what lies outside of any, and pods everywhere.

In: an API, namespaces. Out: `Copy`. Only lists, page by page; of ConfigMaps and Secrets only their metadata. What may not be
read has a stand-in (`standins`). Pods of other namespaces are read because they take room on the nodes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from moorage.api import meta, owners, scheme
from moorage.api.refs import Document, Resource
from moorage.base.errors import ApiError, UserError
from moorage.cli.plan import standins
from moorage.client.api import Api
from moorage.client.requests import ListOptions
from moorage.provisioners.backends.local import PROVISIONER
from moorage.scheduler.volumes import NO_PROVISIONER

_NOT_COPIED = (scheme.EVENTS, scheme.LEASES, scheme.ENDPOINTS, scheme.ENDPOINTSLICES)
COPIED: tuple[Resource, ...] = tuple(
    resource
    for resource in scheme.CATALOGUE
    if resource not in _NOT_COPIED and resource.group != "rbac.authorization.k8s.io"
)
PAGE = 500
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_ACCEPT = {scheme.CONFIGMAPS: _METADATA, scheme.SECRETS: _METADATA}


@dataclass(frozen=True, slots=True)
class Copy:
    """What was read.

    Args:
        objects: documents with kind and apiVersion.
        unread: kinds, or parts of them, that may not be read.
    """

    objects: list[Document]
    unread: tuple[str, ...]


async def copy(api: Api, wanted: Collection[Document]) -> Copy:
    """Read what a change needs. Raises: ApiError, UserError (pods may not be read).

    Args:
        api: the live cluster; only read.
        wanted: the manifests.
    """
    namespaces = sorted({name for one in wanted if (name := meta.namespace(one))})
    found: list[Document] = []
    unread: list[str] = []
    for resource in COPIED:
        if not resource.namespaced or resource is scheme.PODS:
            listed = await _all(api, resource, "")
            if listed is not None:
                found += listed
                continue
            unread.append(resource.plural if not resource.namespaced else "pods of other namespaces")
        for namespace in namespaces if resource.namespaced else ():
            listed = await _all(api, resource, namespace)
            if listed is None:
                unread.append(f"{resource.plural} of {namespace}")
            found += listed or ()
    if any(f"pods of {name}" in unread for name in namespaces):
        raise UserError("a plan has to list pods: ask for the right to list them in namespace " + ", ".join(namespaces))
    found += standins.for_missing(unread, found, wanted)
    within = [one for one in found if _claimed_in(one) in ("", *namespaces)]
    return Copy(adapted(within), tuple(unread))


def _claimed_in(document: Document) -> str:
    """Return the namespace whose claim a PersistentVolume is bound to: one without its claim would be given up."""
    is_volume = document["kind"] == "PersistentVolume"
    return str(((document.get("spec") or {}).get("claimRef") or {}).get("namespace", "")) if is_volume else ""


def adapted(objects: Iterable[Document]) -> list[Document]:
    """Return copies as the copied cluster needs them: nobody who is not copied owns them, and its provisioner makes volumes.

    An owner that is missing would take what it owns along (garbage collection); a provisioner that does not run there would
    leave each claim waiting.
    """
    listed = list(objects)
    known = {meta.uid(one) for one in listed}
    return [_served(_without_strangers(one, known)) for one in listed]


def _without_strangers(document: Document, known: Collection[str]) -> Document:
    for owner in owners.owner_references(document):
        if owner["uid"] not in known:
            document = owners.without_owner(document, owner["uid"])
    return document


def _served(document: Document) -> Document:
    if document["kind"] != "StorageClass" or document.get("provisioner") == NO_PROVISIONER:
        return document
    return {**document, "provisioner": PROVISIONER, "parameters": {}}


async def _all(api: Api, resource: Resource, namespace: str) -> list[Document] | None:
    """Return every object; none of a kind the server does not have, None where they may not be read."""
    found: list[Document] = []
    token = ""
    while True:
        try:
            page = await api.list(
                resource, namespace, ListOptions(limit=PAGE, follow=token, accept=_ACCEPT.get(resource, ""))
            )
        except ApiError as problem:
            if problem.code == 404:
                return []
            if problem.code == 403:
                return None
            raise
        head = {"apiVersion": resource.api_version, "kind": resource.kind}
        found += [{**item, **head} for item in page.get("items") or ()]
        token = str((page.get("metadata") or {}).get("continue") or "")
        if not token:
            return found

"""What an explanation needs of a cluster that explains nothing itself: any Kubernetes, read through its API.

In: an `Api`, a namespace. Out: `Gathered`, the `why.picture.Objects` of that moment. Only reads; of ConfigMaps and Secrets
only their metadata. What may not be read is taken to be in order, and named.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import (
    CONFIGMAPS,
    DEPLOYMENTS,
    ENDPOINTSLICES,
    EVENTS,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODDISRUPTIONBUDGETS,
    PODS,
    REPLICASETS,
    SECRETS,
    SERVICES,
    STATEFULSETS,
    STORAGECLASSES,
)
from moorage.base.errors import ApiError
from moorage.client.api import Api
from moorage.client.requests import ListOptions

_METADATA = ListOptions(accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
_READ: Mapping[Resource, ListOptions] = {
    CONFIGMAPS: _METADATA,
    SECRETS: _METADATA,
    **dict.fromkeys(
        (
            DEPLOYMENTS, ENDPOINTSLICES, EVENTS, NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES,
            PODDISRUPTIONBUDGETS, PODS, REPLICASETS, SERVICES, STATEFULSETS, STORAGECLASSES,
        ),
        ListOptions(),
    ),
}  # fmt: skip
_IN_ORDER: Mapping[Resource, Document] = {
    NODES: {"spec": {}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
    PERSISTENTVOLUMECLAIMS: {"spec": {}, "status": {"phase": "Bound"}},
    PERSISTENTVOLUMES: {"spec": {}},
    STORAGECLASSES: {"volumeBindingMode": "WaitForFirstConsumer"},
}
"""What an object looks like of which nothing is wrong, where its kind may not be read."""


class Gathered:
    """Objects as they were read.

    Args:
        documents: by resource.
        unreadable: resources the asker may not list.
    """

    def __init__(self, documents: Mapping[Resource, list[Document]], unreadable: tuple[Resource, ...]) -> None:
        self._documents = documents
        self._named = {
            (resource, ObjectKey(meta.namespace(one), meta.name(one))): one
            for resource, listed in documents.items()
            for one in listed
        }
        self.unreadable = unreadable

    def get(self, resource: Resource, key: ObjectKey) -> Document | None:
        """Return one object; of a kind that may not be read, one that is in order."""
        if resource in self.unreadable:
            return {"metadata": {"name": key.name, "namespace": key.namespace}, **_IN_ORDER.get(resource, {})}
        return self._named.get((resource, key))

    def all(self, resource: Resource, namespace: str = "") -> Iterable[Document]:
        """Return all of a namespace; "" for every one that was read."""
        listed = self._documents.get(resource, ())
        return (one for one in listed if not namespace or meta.namespace(one) == namespace)


async def gather(api: Api, namespace: str) -> Gathered:
    """Read a namespace ("" for all) and what lies outside of any. Raises: ApiError (not for 403 and 404 of a kind)."""
    documents: dict[Resource, list[Document]] = {}
    unreadable = []
    for resource, options in _READ.items():
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        try:
            listed: dict[str, Any] = await api.list(resource, namespace if resource.namespaced else "", options)
            documents[resource] = [{**kind, **one} for one in listed.get("items") or ()]
        except ApiError as problem:
            if problem.code not in (403, 404):
                raise
            unreadable.append(resource)
    return Gathered(documents, tuple(unreadable))

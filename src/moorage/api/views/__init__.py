"""Views: frozen, typed, partial pictures of documents, one struct a kind.

In: documents of the API. Out: `view(resource, document)`; the informer makes each once per change.
The next rooms up are `client` and `store`.
"""

from typing import TypeVar

import msgspec

from moorage.api.refs import Document, Resource
from moorage.api.views import cluster, daemons, network, pod, policy, replicas, storage, workloads
from moorage.api.views.meta import Plain, View

V = TypeVar("V", bound=View)

VIEWS: dict[str, type[View]] = {
    "configmaps": cluster.ConfigMap,
    "controllerrevisions.apps": workloads.ControllerRevision,
    "daemonsets.apps": daemons.DaemonSet,
    "deployments.apps": replicas.Deployment,
    "endpoints": network.Endpoints,
    "endpointslices.discovery.k8s.io": network.EndpointSlice,
    "events": cluster.Event,
    "leases.coordination.k8s.io": cluster.Lease,
    "namespaces": cluster.Namespace,
    "nodes": cluster.Node,
    "persistentvolumeclaims": storage.PersistentVolumeClaim,
    "persistentvolumes": storage.PersistentVolume,
    "poddisruptionbudgets.policy": policy.PodDisruptionBudget,
    "pods": pod.Pod,
    "replicasets.apps": replicas.ReplicaSet,
    "secrets": cluster.Secret,
    "serviceaccounts": cluster.ServiceAccount,
    "services": network.Service,
    "statefulsets.apps": workloads.StatefulSet,
    "storageclasses.storage.k8s.io": storage.StorageClass,
}
"""By `Resource.qualified`. A kind without a row is seen as `Plain`: its metadata."""


def view_type(resource: Resource) -> type[View]:
    """Return the struct that pictures objects of `resource`."""
    return VIEWS.get(resource.qualified, Plain)


def view(resource: Resource, document: Document) -> View:
    """Return the view of one document. Raises `msgspec.ValidationError` where a field has the wrong type."""
    return convert(view_type(resource), document)


def convert(kind: type[V], document: Document) -> V:
    """Return `document` as a `kind`; a null counts as absent (Go's clients write `creationTimestamp: null`)."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError:
        return msgspec.convert(_without_nulls(document), kind)


def _without_nulls(value: object) -> object:
    """Return a copy without nulls; only the rare document that has some where a view cannot take it pays for it."""
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(member) for member in value]
    return value

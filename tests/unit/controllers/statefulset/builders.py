"""Documents of a set and its company, and snapshots of them.

In: what differs from an ordinary set `web` of three. Out: documents, `Snapshot`.
"""

from typing import Any

from moorage.api import revisiondata
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import CONTROLLERREVISIONS, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.controllers.statefulset.snapshot import INDEXES, Snapshot, take
from moorage.informer.objects import ObjectCache

UID = "set-uid"
KEY = ObjectKey("default", "web")
OWNER = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": UID, "controller": True}


class Caches:
    """Caches filled by hand."""

    def __init__(self, *objects: tuple[Resource, Document]) -> None:
        self.caches: dict[Resource, ObjectCache] = {}
        self.put(*objects)

    def of(self, resource: Resource) -> ObjectCache:
        """Return the cache of a resource."""
        if resource not in self.caches:
            self.caches[resource] = ObjectCache(resource, [one for one in INDEXES if one.resource == resource])
        return self.caches[resource]

    def put(self, *objects: tuple[Resource, Document]) -> None:
        """Add documents."""
        for resource, document in objects:
            self.of(resource).apply(document, 1, deleted=False)


def template(image: str = "app:1") -> Document:
    """Return a pod template."""
    containers = [{"name": "c", "image": image}]
    return {"metadata": {"creationTimestamp": None, "labels": {"app": "web"}}, "spec": {"containers": containers}}


def stateful_set(status: Document | None = None, metadata: Document | None = None, **spec: Any) -> Document:
    """Return the set, `spec` fields replaced by those given."""
    fields = {"name": "web", "namespace": "default", "uid": UID, "generation": 2, "resourceVersion": "7"}
    body = {
        "replicas": 3,
        "serviceName": "svc",
        "selector": {"matchLabels": {"app": "web"}},
        "template": template(),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        **spec,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {**fields, **(metadata or {})},
        "spec": body,
        "status": status or {},
    }


def revision(number: int = 1, image: str = "app:1", name: str = "", **metadata: Any) -> Document:
    """Return the ControllerRevision of a template."""
    data = revisiondata.data_of(template(image))
    fields = {
        "name": name or revision_name(image),
        "namespace": "default",
        "uid": f"revision-{number}",
        "resourceVersion": "5",
        "labels": {"app": "web"},
        "ownerReferences": [OWNER],
        **metadata,
    }
    return {"metadata": fields, "data": data, "revision": number}


def revision_name(image: str = "app:1") -> str:
    """Return the name a template's revision gets."""
    return revisiondata.name_of(
        "web", revisiondata.hash_of(revisiondata.encode(revisiondata.data_of(template(image))), 0)
    )


def pod(name: str, image: str = "app:1", state: str = "ready", **metadata: Any) -> Document:
    """Return a pod in a state: `ready`, `running`, `pending`, `failed`, `succeeded`."""
    phases = {"ready": "Running", "running": "Running"}
    condition = {
        "type": "Ready",
        "status": "True" if state == "ready" else "False",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    labels = {
        "app": "web",
        "statefulset.kubernetes.io/pod-name": name,
        "controller-revision-hash": revision_name(image),
    }
    fields = {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{name}",
        "resourceVersion": "6",
        "labels": labels,
        "ownerReferences": [OWNER],
        **metadata,
    }
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}}]
    status = {"phase": phases.get(state, state.capitalize()), "conditions": [condition]}
    return {"metadata": fields, "spec": {"containers": [], "volumes": volumes}, "status": status}


def claim(name: str, *references: Document, **metadata: Any) -> Document:
    """Return a claim with owner references."""
    fields = {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": "4", **metadata}
    return {"metadata": {**fields, "ownerReferences": list(references)}, "spec": {}}


def snapshot(owner: Document, *others: Document, extended: bool = True) -> Snapshot:
    """Return a snapshot; kinds are told by what the documents have."""
    caches = Caches((STATEFULSETS, owner), *((_kind(other), other) for other in others))
    found = take(KEY, caches, extended=extended)
    assert found is not None
    return found


def _kind(document: Document) -> Resource:
    if "revision" in document:
        return CONTROLLERREVISIONS
    return PODS if "containers" in document["spec"] else PERSISTENTVOLUMECLAIMS

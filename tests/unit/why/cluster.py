"""A cluster of a few documents, and what is told of one of them.

In: documents. Out: `told`: (gate, culprit, evidence) of every gate of the first one.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.why import explain
from moorage.why.picture import Picture, Plans, no_plans

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
THEN = "2026-01-01T00:00:00Z"


class Documents:
    """`why.picture.Objects` over a list."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = tuple(documents)

    def get(self, resource: Resource, key: ObjectKey) -> Document | None:
        found = (one for one in self.all(resource, key.namespace) if meta.name(one) == key.name)
        return next(found, None)

    def all(self, resource: Resource, namespace: str = "") -> Iterable[Document]:
        of_kind = (one for one in self._documents if one["kind"] == resource.kind)
        return (one for one in of_kind if not namespace or meta.namespace(one) == namespace)


def thing(kind: str, name: str, spec: Any = None, **more: Any) -> Document:
    """Return an object; `metadata` and what else it has in `more`."""
    resource = next(one for one in scheme.CATALOGUE if one.kind == kind)
    space = {"namespace": "default"} if resource.namespaced else {}
    metadata = {"name": name, "uid": f"uid-{name}", "creationTimestamp": THEN, **space, **more.pop("metadata", {})}
    return {"kind": kind, "metadata": metadata, "spec": spec or {}, **more}


def pod(status: Any = None, spec: Any = None, **metadata: Any) -> Document:
    """Return pod web-0 on node n, whose container has the given state."""
    made = {"nodeName": "n", "containers": [{"name": "c", "image": "app:1"}], **(spec or {})}
    return thing("Pod", "web-0", made, status=status or {}, metadata=metadata)


def container(state: Any, **more: Any) -> Document:
    """Return a pod's status with one container."""
    return {"phase": "Pending", "containerStatuses": [{"name": "c", "restartCount": 2, "state": state, **more}]}


def event(about: Document, reason: str, message: str, **involved: str) -> Document:
    """Return a Warning event."""
    subject = {"uid": meta.uid(about), "name": meta.name(about), **involved}
    times = {"firstTimestamp": THEN, "lastTimestamp": THEN}
    return thing("Event", f"e-{reason}", involvedObject=subject, reason=reason, message=message, **times)


def node(ready: str = "True", **spec: Any) -> Document:
    """Return node n."""
    condition = {"type": "Ready", "status": ready, "reason": "NodeStatusUnknown", "lastTransitionTime": THEN}
    return thing("Node", "n", spec, status={"conditions": [condition]})


def explained(*documents: Document, plans: Plans = no_plans) -> Document:
    """Return the explanation of the first document; there is always node n unless given."""
    resource = next(one for one in explain.EXPLAINED if one.kind == documents[0]["kind"])
    return explain.explain(resource, documents[0], Picture(Documents(documents), plans, NOW))


def told(*documents: Document) -> list[tuple[str, str, str]]:
    """Return (gate, culprit, evidence) of each gate of the first document."""
    gates = explained(*documents)["gates"]
    return [(one["gate"], f"{one['culprit']['kind']} {one['culprit']['name']}", one["evidence"]) for one in gates]

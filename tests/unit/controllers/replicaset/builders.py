"""Replica sets and their pods, for tests.

In: what differs from the usual. Out: documents.
"""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import PODS, REPLICASETS
from tests.fakes.caches import thing

OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "app", "uid": "uid-app", "controller": True}
LABELS = {"app": "app"}
EARLIER = "2025-12-31T00:00:00Z"


def replica_set(replicas: int, metadata: Document | None = None, **spec: Any) -> Document:
    """Return a replica set `app`; `status` is its status, everything else goes into its spec."""
    status = spec.pop("status", {"replicas": 0})
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "app:1"}]}}
    filled = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template, **spec}
    return thing(REPLICASETS, "app", {"generation": 1, **(metadata or {})}, spec=filled, status=status)


def pod(name: str, state: str = "ready", *, node: str = "n1", since: str = EARLIER, **metadata: Any) -> Document:
    """Return a pod of the replica set; `state` is `ready`, or a phase."""
    condition = {"type": "Ready", "status": "True" if state == "ready" else "False", "lastTransitionTime": since}
    status = {"phase": "Running" if state == "ready" else state, "conditions": [condition]}
    own = {"labels": LABELS, "ownerReferences": [OWNER], **metadata}
    return thing(PODS, name, own, spec={"nodeName": node} if node else {}, status=status)

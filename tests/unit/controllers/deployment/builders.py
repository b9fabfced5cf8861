"""Deployments and their replica sets, for tests.

In: what differs from the usual. Out: documents, plans, short words for what plans write.
"""

import datetime
from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import DEPLOYMENTS, REPLICASETS
from moorage.controllers.deployment import controller
from moorage.reconcile.actions import Update
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

LABELS = {"app": "app"}
OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app", "uid": "uid-app", "controller": True}
SOON = "2026-01-01T00:00:00Z"
COMPLETE = {
    "type": "Progressing",
    "status": "True",
    "reason": "NewReplicaSetAvailable",
    "message": "done",
    "lastUpdateTime": SOON,
    "lastTransitionTime": SOON,
}


def template(image: str, mark: str = "") -> Document:
    """Return a pod template; `mark` is its hash label."""
    labels = {**LABELS, **({"pod-template-hash": mark} if mark else {})}
    return {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": image}]}}


def deployment(replicas: int, image: str = "new", status: Document | None = None, **spec: Any) -> Document:
    """Return a Deployment `app`; `metadata` is merged into its metadata, everything else goes into its spec."""
    own = spec.pop("metadata", {})
    rolling = {"maxSurge": spec.pop("surge", "25%"), "maxUnavailable": spec.pop("unavailable", "25%")}
    filled = {
        "replicas": replicas,
        "selector": {"matchLabels": LABELS},
        "template": template(image),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 10,
        **spec,
    }
    return thing(DEPLOYMENTS, "app", {"generation": 1, **own}, spec=filled, status=status or {})


def replicas(image: str, size: int, available: int = -1, *, revision: int = 1, **notes: str) -> Document:
    """Return a replica set `app-<image>` of that many pods, all available unless told.

    Args:
        image: of its template.
        size: spec.replicas, and what its status reports.
        available: how many of them are ready and available.
        revision: its number.
        notes: `desired` and `maximum` annotations, where it was scaled.
    """
    there = size if available < 0 else available
    names = {"desired": "desired-replicas", "maximum": "max-replicas", "history": "revision-history"}
    marks = {f"deployment.kubernetes.io/{names[name]}": value for name, value in notes.items()}
    metadata = {
        "labels": {**LABELS, "pod-template-hash": image},
        "annotations": {"deployment.kubernetes.io/revision": str(revision), **marks},
        "ownerReferences": [OWNER],
        "generation": 1,
    }
    status = {"replicas": size, "readyReplicas": there, "availableReplicas": there, "observedGeneration": 1}
    spec = {
        "replicas": size,
        "selector": {"matchLabels": metadata["labels"]},
        "template": template(image, image),
    }
    return thing(REPLICASETS, f"app-{image}", metadata, spec=spec, status=status)


def plan(*documents: Document, after: float = 0) -> Plan:
    """Return the decision about `app`, that many seconds after the start."""
    caches = FilledCaches(controller.build())
    caches.put(*documents)
    found = caches.decide(key("app"), START + datetime.timedelta(seconds=after))
    assert found is not None
    return found


def sizes(found: Plan) -> dict[str, int]:
    """Return the sizes a plan gives to replica sets, by the image of each."""
    updates = [step for step in found.steps if isinstance(step, Update)]
    return {one.document["metadata"]["name"].removeprefix("app-"): one.document["spec"]["replicas"] for one in updates}


def status(found: Plan) -> Document:
    """Return the status a plan writes."""
    assert found.status is not None
    written: Document = found.status.document["status"]
    return written


def told(found: Document) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition, in order."""
    return {one["type"]: (one["status"], one["reason"]) for one in found.get("conditions", ())}

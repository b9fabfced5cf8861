"""Daemon sets, their pods and nodes, for tests.

In: what differs from the usual. Out: documents, and one decision.
"""

import datetime
from typing import Any

from moorage.api import owners, revisiondata, templatehash
from moorage.api.refs import Document
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, NODES, PODS
from moorage.controllers.daemonset import controller
from moorage.reconcile.actions import Batch, Create, Delete
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

LABELS = {"app": "agent"}
EARLIER = "2025-12-31T00:00:00Z"


def template(image: str = "agent:1", **spec: Any) -> Document:
    """Return a pod template."""
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def daemon_set(made: Document | None = None, metadata: Document | None = None, **spec: Any) -> Document:
    """Return a daemon set `agent`; `status` is its status, everything else goes into its spec."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    status = spec.pop("status", {})
    base = {"selector": {"matchLabels": LABELS}, "revisionHistoryLimit": 10, "updateStrategy": rolling}
    own = {"generation": 1, **(metadata or {})}
    return thing(DAEMONSETS, "agent", own, spec={**base, "template": made or template(), **spec}, status=status)


def surging(surge: int | str, unavailable: int | str = 0) -> Document:
    """Return an update strategy."""
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


def node(name: str, *taints: str, **labels: str) -> Document:
    """Return a node; a taint is `key:Effect`."""
    parsed = [{"key": key, "effect": effect} for key, _, effect in (taint.partition(":") for taint in taints)]
    return thing(NODES, name, {"labels": labels}, spec={"taints": parsed})


def hash_of(image: str) -> str:
    """Return the hash that pods of an image carry."""
    return templatehash.hash_of(template(image))


def pod(name: str, on: str, image: str = "agent:1", state: str = "ready", **metadata: Any) -> Document:
    """Return a pod of the daemon set; `state` is `ready` or a phase."""
    condition = {"type": "Ready", "status": "True" if state == "ready" else "False", "lastTransitionTime": EARLIER}
    status = {"phase": "Running" if state == "ready" else state, "conditions": [condition]}
    reference = owners.controller_reference(daemon_set(), DAEMONSETS)
    labels = {**LABELS, "controller-revision-hash": hash_of(image)}
    own = {"labels": labels, "ownerReferences": [reference], "creationTimestamp": EARLIER, **metadata}
    return thing(PODS, name, own, spec={"nodeName": on} if on else {}, status=status)


def going(name: str, on: str, image: str = "agent:1", state: str = "ready") -> Document:
    """Return a pod that is being deleted."""
    return pod(name, on, image, state, deletionTimestamp=EARLIER, deletionGracePeriodSeconds=30)


def revision(image: str, number: int, name: str = "", **metadata: Any) -> Document:
    """Return the revision of an image."""
    reference = owners.controller_reference(daemon_set(), DAEMONSETS)
    labels = {**LABELS, "controller-revision-hash": hash_of(image)}
    own = {"labels": labels, "ownerReferences": [reference], **metadata}
    called = name or f"agent-{hash_of(image)}"
    return thing(CONTROLLERREVISIONS, called, own, data=revisiondata.data_of(template(image)), revision=number)


def decide(*documents: Document, after: float = 0) -> Plan:
    """Return the plan for `agent`."""
    caches = FilledCaches(controller.build())
    caches.put(*documents)
    plan = caches.decide(key("agent"), START + datetime.timedelta(seconds=after))
    assert plan is not None
    return plan


def actions(plan: Plan) -> list[Any]:
    """Return the writes of a plan, batches opened."""
    found: list[Any] = []
    for step in plan.steps:
        found += [one for row in step.sequences for one in row] if isinstance(step, Batch) else [step]
    return found


def made_for(plan: Plan) -> list[str]:
    """Return the nodes that get a pod."""
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    affinities = [one.document["spec"]["affinity"] for one in actions(plan) if isinstance(one, Create)]
    return [one["nodeAffinity"][required]["nodeSelectorTerms"][0]["matchFields"][0]["values"][0] for one in affinities]


def deleted(plan: Plan) -> list[str]:
    """Return the pods that go."""
    return [one.key.name for one in actions(plan) if isinstance(one, Delete)]

"""Pods that do not tolerate a NoExecute taint of their node are asked to leave, when their toleration runs out.

In: pods and the taints of their nodes. Out: plans with a plain deletion, never a forced one: the object stays until the
node's agent confirms, so a name is never given away while its process may live (facts/reliability.md F.3, ID2, ND1). While more
than 55 % of the nodes are unready, nobody leaves for a node's silence, whatever taints are left from before (ND2).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api.nodematching import tolerates
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time
from moorage.api.views.cluster import Taint
from moorage.api.views.pod import Toleration
from moorage.base.limits import BRAKE_LOOK_SECONDS, EVICTION_BRAKE
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.actions import Delete, Emit, Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.triggers import sides

NO_EXECUTE = "NoExecute"
_SILENCE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pod and the NoExecute taints of its node.

    Args:
        pod: the pod.
        node: name of its node.
        taints: that count.
        held: whether others do not count now, because too many nodes are unready.
    """

    pod: Cached[Any]
    node: str
    taints: tuple[Taint, ...]
    held: bool = False


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="taint-eviction-controller",
        resource=PODS,
        triggers=(Trigger(PODS, _pod_on_tainted), Trigger(NODES, _pods_of_node)),
        take=take,
        decide=decide,
        indexes=(BY_NODE,),
        workers=2,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return a pod on a node with NoExecute taints; None where there is nothing to decide."""
    pod = caches.of(PODS).get(key)
    if pod is None or pod.view.metadata.deleting:
        return None
    node = pod.view.spec.node_name
    taints = _no_execute(caches, node)
    silence = [taint for taint in taints if taint.key in _SILENCE]
    if silence and _brake(caches):
        return Snapshot(pod, node, tuple(taint for taint in taints if taint not in silence), held=True)
    return Snapshot(pod, node, taints) if taints else None


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Delete the pod, or wait until its toleration runs out."""
    due = _due(snapshot.pod.view.spec.tolerations, snapshot.taints, now)
    if due is None:
        return Plan(wake_after=BRAKE_LOOK_SECONDS if snapshot.held else None)
    if due > now:
        return Plan(gates=(_gate(snapshot, due),), wake_after=(due - now).total_seconds())
    return _evict(snapshot.pod, now)


def _evict(pod: Cached[Any], now: datetime.datetime) -> Plan:
    uid = pod.view.metadata.uid
    condition: Document = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "DeletionByTaintManager",
        "message": "Taint manager: deleting due to NoExecute taint",
        "lastTransitionTime": format_time(now),
    }
    told = Emit(pod.document, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {pod.key}")
    body = {"status": {"conditions": [condition]}}
    mark = Patch(PODS, pod.key, body, uid, "strategic", "status", missing_ok=True)
    return Plan((told, mark, Delete(PODS, pod.key, uid)))


def _due(
    tolerations: tuple[Toleration, ...], taints: tuple[Taint, ...], now: datetime.datetime
) -> datetime.datetime | None:
    """Return when the pod has to go; None for never."""
    moments = []
    for taint in taints:
        bearing = [one for one in tolerations if tolerates(one, taint)]
        if not bearing:
            return now
        limits = [one.toleration_seconds for one in bearing if one.toleration_seconds is not None]
        if limits:
            moments.append((taint.time_added or now) + datetime.timedelta(seconds=max(0, min(limits))))
    return min(moments, default=None)


def _gate(snapshot: Snapshot, due: datetime.datetime) -> Gate:
    evidence = f"taint {snapshot.taints[0].key}:{NO_EXECUTE}, tolerated until {format_time(due)}"
    culprit = Culprit(NODES.kind, ObjectKey("", snapshot.node))
    return Gate("TaintTolerated", f"evict Pod {snapshot.pod.key.name}", culprit, evidence, "the taint is removed")


def _no_execute(caches: Caches, node: str) -> tuple[Taint, ...]:
    found = caches.of(NODES).get(ObjectKey("", node)) if node else None
    return tuple(taint for taint in found.view.spec.taints if taint.effect == NO_EXECUTE) if found else ()


def _brake(caches: Caches) -> bool:
    nodes = [node.view.condition("Ready") for node in caches.of(NODES)]
    unready = sum(1 for ready in nodes if ready is None or ready.status != "True")
    return unready > EVICTION_BRAKE * len(nodes)


def _on_node(entry: Cached[Any]) -> Iterable[str]:
    return (entry.view.spec.node_name,) if entry.view.spec.node_name else ()


BY_NODE = Index("pod.node", PODS, _on_node)


def _pod_on_tainted(_before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    return {after.key} if after is not None and _no_execute(caches, after.view.spec.node_name) else set()


def _pods_of_node(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the pods of a node whose taints changed."""
    if before is not None and after is not None and before.view.spec.taints == after.view.spec.taints:
        return set()
    names = {side.key.name for side in sides(before, after)}
    return {pod.key for name in names for pod in caches.of(PODS).by_index(BY_NODE.name, name)}

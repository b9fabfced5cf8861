"""What a node's silence means: conditions Unknown, taints, pods not ready. Silence is not death: no pod is removed.

In: `Snapshot`. Out: `Plan`. Source: facts/reliability.md F.3; texts are upstream's.
"""

import datetime
from typing import Any

from moorage.api import conditions
from moorage.api.refs import Document
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time, parse_time
from moorage.base.limits import NODE_LOST_SECONDS
from moorage.controllers.node.snapshot import Snapshot
from moorage.controllers.node.taints import wanted
from moorage.reconcile.actions import Batch, Emit, Patch, Step
from moorage.reconcile.plan import Culprit, Gate, Plan

_KINDS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")


def decide(snapshot: Snapshot, now: datetime.datetime, started: datetime.datetime) -> Plan:
    """Return what to write about a node.

    Args:
        snapshot: the node.
        now: the time.
        started: when this control plane began to look; what came before cannot be held against a node.
    """
    node = snapshot.node.view
    silent = (now - _heard(snapshot, started)).total_seconds()
    lost = silent > NODE_LOST_SECONDS
    condition = node.condition("Ready")
    ready = "Unknown" if lost else (condition.status if condition else None)
    steps = _conditions(snapshot, now) if lost else []
    if steps:
        # Pods first: they are told once, at the change; if that fails all of it is tried again. Taints follow next time.
        steps = [*_pods(snapshot, now), *steps]
    else:
        steps = _taints(snapshot, ready, now)
        if steps and ready == "False":
            steps = [*_pods(snapshot, now), *steps]
    wake = None if lost else NODE_LOST_SECONDS - silent + 0.1
    return Plan(tuple(steps), gates=_gates(snapshot, silent) if lost else (), wake_after=wake)


def _heard(snapshot: Snapshot, started: datetime.datetime) -> datetime.datetime:
    """Return when the node was heard last; its status counts only where it has no lease."""
    created = snapshot.node.view.metadata.creation_timestamp
    present = conditions.find(conditions.conditions(snapshot.node.document), "Ready") or {}
    beat = present.get("lastHeartbeatTime")
    heard = (started, created, snapshot.renewed or (parse_time(beat) if beat else None))
    return max(moment for moment in heard if moment is not None)


def _conditions(snapshot: Snapshot, now: datetime.datetime) -> list[Step]:
    """Turn what the node said last into Unknown."""
    present = conditions.conditions(snapshot.node.document)
    changed = [_unknown(snapshot, kind, present) for kind in _KINDS]
    news: list[Document] = [one for one in changed if one is not None]
    if not news:
        return []
    stamped = [{**one, "lastTransitionTime": format_time(now)} for one in news]
    node = snapshot.node
    told = Emit(node.document, "Normal", "NodeNotReady", f"Node {node.key.name} status is now: NodeNotReady")
    body = {"status": {"conditions": stamped}}
    return [Patch(NODES, node.key, body, node.view.metadata.uid, "strategic", "status", on_success=told)]


def _unknown(snapshot: Snapshot, kind: str, present: tuple[Any, ...]) -> Document | None:
    old = conditions.find(present, kind)
    if old is None:
        created = snapshot.node.view.metadata.creation_timestamp
        beat = {"lastHeartbeatTime": format_time(created)} if created else {}
        text = ("NodeStatusNeverUpdated", "Kubelet never posted node status.")
        return {"type": kind, "status": "Unknown", "reason": text[0], "message": text[1], **beat}
    if old["status"] == "Unknown":
        return None
    text = ("NodeStatusUnknown", "Kubelet stopped posting node status.")
    return {**old, "status": "Unknown", "reason": text[0], "message": text[1]}


def _taints(snapshot: Snapshot, ready: str | None, now: datetime.datetime) -> list[Step]:
    node = snapshot.node
    spec: dict[str, Any] = node.document.get("spec") or {}
    taints = wanted(snapshot, ready, now)
    if taints == list(spec.get("taints") or ()):
        return []
    body = {"spec": {"taints": taints or None}}
    version = node.view.metadata.resource_version  # the list is replaced whole: nobody may have changed it since
    return [Patch(NODES, node.key, body, node.view.metadata.uid, resource_version=version)]


def _pods(snapshot: Snapshot, now: datetime.datetime) -> list[Step]:
    """Take the pods out of their Services: nobody can say that they are ready."""
    entry = {"type": "Ready", "status": "False", "lastTransitionTime": format_time(now)}
    body = {"status": {"conditions": [entry]}}
    sequences = []
    for pod in snapshot.ready_pods:
        told = Emit(pod.document, "Warning", "NodeNotReady", "Node is not ready")
        uid = pod.view.metadata.uid
        sequences.append((Patch(PODS, pod.key, body, uid, "strategic", "status", on_success=told, missing_ok=True),))
    return [Batch(tuple(sequences))] if sequences else []


def _gates(snapshot: Snapshot, silent: float) -> tuple[Gate, ...]:
    node = snapshot.node
    culprit = Culprit(NODES.kind, node.key, node.view.metadata.uid)
    evidence = f"no heartbeat for {silent:.0f}s"
    opens = f"the agent on {node.key.name} comes back"
    return (Gate("NodeSilent", f"pods on {node.key.name}", culprit, evidence, opens),)

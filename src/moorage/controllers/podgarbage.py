"""Pods that no agent can confirm any more are removed: their Node is gone, or is out of service by a person's word.

In: bound pods and their nodes. Out: plans that mark, fail and remove a pod. Upstream: gcOrphaned and gcTerminating of
pkg/controller/podgc. Nothing else gives up a name without the agent's word (facts/reliability.md F.3, ID2, ND1); the absence of
the Node is read live before a pod goes.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time
from moorage.base.limits import ORPHAN_SECONDS
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.actions import ConfirmAbsent, Delete, Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.triggers import sides

OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
_CONDITION, _REASON, _MESSAGE = "DisruptionTarget", "DeletionByPodGC", "PodGC: node no longer exists"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pod that nobody confirms. Args: pod: it. orphan: its Node is gone; else its Node is out of service."""

    pod: Cached[Any]
    orphan: bool


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="pod-garbage-collector-controller",
        resource=PODS,
        triggers=(Trigger(PODS, _pod_key), Trigger(NODES, _pods_of_node)),
        take=take,
        decide=decide,
        indexes=(BY_NODE,),
        workers=2,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return a pod that nobody confirms; None where there is nothing to decide."""
    pod = caches.of(PODS).get(key)
    if pod is None or not pod.view.spec.node_name:
        return None
    node = caches.of(NODES).get(ObjectKey("", pod.view.spec.node_name))
    if node is None:
        return Snapshot(pod, orphan=True)
    return Snapshot(pod, orphan=False) if pod.view.metadata.deleting and _given_up(node) else None


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Mark an orphan, remove it when its time is over; remove what ends on a node out of service at once."""
    pod = snapshot.pod
    if not snapshot.orphan:
        return Plan((*_fail(pod, {}), _remove(pod)))
    marked = _marked_since(pod)
    young = ORPHAN_SECONDS - _age(pod, now)
    if marked is None and young > 0:
        return Plan(wake_after=young)
    if marked is None or marked > now:  # never, or by a clock that was wrong
        return Plan((_patch(pod, {"conditions": [_mark(now)]}),), wake_after=ORPHAN_SECONDS)
    left = ORPHAN_SECONDS - (now - marked).total_seconds()
    if left > 0:
        return Plan(wake_after=left)
    gone = ConfirmAbsent(NODES, ObjectKey("", pod.view.spec.node_name), "")
    return Plan((gone, *_fail(pod, {"conditions": [_mark(marked)]}), _remove(pod)))


def _age(pod: Cached[Any], now: datetime.datetime) -> float:
    """Return the seconds a pod has lived; a young one may be bound ahead of its Node, and its mark would be noise."""
    created = meta.creation_time(pod.document)
    return (now - created).total_seconds() if created else ORPHAN_SECONDS


def _given_up(node: Cached[Any]) -> bool:
    """Return whether a person said that a node is off, and it does not contradict."""
    ready = node.view.condition("Ready")
    contradicts = ready is not None and ready.status == "True"
    return not contradicts and any(taint.key == OUT_OF_SERVICE for taint in node.view.spec.taints)


def _marked_since(pod: Cached[Any]) -> datetime.datetime | None:
    mark = pod.view.condition(_CONDITION)
    return mark.last_transition_time if mark and mark.status == "True" and mark.reason == _REASON else None


def _mark(since: datetime.datetime) -> Document:
    at = format_time(since)
    return {"type": _CONDITION, "status": "True", "reason": _REASON, "message": _MESSAGE, "lastTransitionTime": at}


def _fail(pod: Cached[Any], status: Document) -> tuple[Patch, ...]:
    return () if pod.view.finished else (_patch(pod, {"phase": "Failed", **status}),)


def _patch(pod: Cached[Any], status: Document) -> Patch:
    return Patch(PODS, pod.key, {"status": status}, pod.view.metadata.uid, "strategic", "status", missing_ok=True)


def _remove(pod: Cached[Any]) -> Delete:
    return Delete(PODS, pod.key, pod.view.metadata.uid, grace_seconds=0)


def _on_node(entry: Cached[Any]) -> Iterable[str]:
    return (entry.view.spec.node_name,) if entry.view.spec.node_name else ()


BY_NODE = Index("podgarbage.node", PODS, _on_node)


def _pod_key(_before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> tuple[ObjectKey, ...]:
    return (after.key,) if after is not None and take(after.key, caches) else ()


def _pods_of_node(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the pods of a node that went, or that is out of service."""
    if after is not None and not _given_up(after):
        return set()
    names = {side.key.name for side in sides(before, after)}
    return {pod.key for name in names for pod in caches.of(PODS).by_index(BY_NODE.name, name)}

"""The taints a node should have, from its conditions.

In: `Snapshot`. Out: the whole wanted list of taint documents. Source: upstream's node-lifecycle controller (taints by condition);
the brake: with more than 55 % of the nodes unready the fault is probably ours, so nobody is evicted (facts/reliability.md ND2).
"""

import datetime
from typing import Any

from moorage.api.refs import Document
from moorage.api.times import format_time
from moorage.api.views.cluster import Node
from moorage.base.limits import EVICTION_BRAKE
from moorage.controllers.node.snapshot import Snapshot

PREFIX = "node.kubernetes.io/"
NOT_READY, UNREACHABLE = f"{PREFIX}not-ready", f"{PREFIX}unreachable"
_PRESSURES = {
    "MemoryPressure": "memory-pressure", "DiskPressure": "disk-pressure", "PIDPressure": "pid-pressure",
    "NetworkUnavailable": "network-unavailable",
}  # fmt: skip
_OWN = {
    *((f"{PREFIX}{name}", "NoSchedule") for name in (*_PRESSURES.values(), "unschedulable", "not-ready", "unreachable")),
    (NOT_READY, "NoExecute"), (UNREACHABLE, "NoExecute"),
}  # fmt: skip


def wanted(snapshot: Snapshot, ready: str | None, now: datetime.datetime) -> list[Document]:
    """Return the taints: foreign ones untouched, ours as the conditions ask for.

    Args:
        snapshot: the node.
        ready: status of its Ready condition as it is after this decision, None where it never had one.
        now: time of new taints.
    """
    spec: dict[str, Any] = snapshot.node.document.get("spec") or {}
    present: list[Document] = list(spec.get("taints") or ())
    asked = _asked(snapshot, ready)
    kept = [taint for taint in present if _name(taint) not in _OWN or _name(taint) in asked]
    there = {_name(taint) for taint in present}
    stamp = format_time(now)
    added = [{"key": key, "effect": effect, "timeAdded": stamp} for key, effect in asked if (key, effect) not in there]
    return [*kept, *added]


def _asked(snapshot: Snapshot, ready: str | None) -> list[tuple[str, str]]:
    node: Node = snapshot.node.view
    asked = [
        (f"{PREFIX}{name}", "NoSchedule")
        for kind, name in _PRESSURES.items()
        if (condition := node.condition(kind)) and condition.status == "True"
    ]
    if node.spec.unschedulable:
        asked.append((f"{PREFIX}unschedulable", "NoSchedule"))
    key = {"False": NOT_READY, "Unknown": UNREACHABLE}.get(ready or "")
    if key:
        asked.append((key, "NoSchedule"))
        if not _brake(snapshot):
            asked.append((key, "NoExecute"))
    return asked


def _brake(snapshot: Snapshot) -> bool:
    return (snapshot.unready_others + 1) / snapshot.nodes > EVICTION_BRAKE


def _name(taint: Document) -> tuple[str, str]:
    return taint.get("key", ""), taint.get("effect", "")

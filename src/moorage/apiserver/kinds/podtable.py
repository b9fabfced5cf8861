"""The Table row of a pod: one word for its state, out of phase, reasons and containers.

In: a pod and the time. Out: cells. Rules: pkg/printers/internalversion (printPod); fact sheet statefulset.md 2.5.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api import conditions, meta
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import Column

GATED = "SchedulingGated"
_NODE_LOST = "NodeLost"
_ENDED = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}

COLUMNS = (
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    Column("Age"),
    Column("IP", priority=1),
    Column("Node", priority=1),
    Column("Nominated Node", priority=1),
    Column("Readiness Gates", priority=1),
)


@dataclass(slots=True)
class _Tally:
    """What the containers add up to.

    Args:
        reason: the word for the state so far.
        ready: ready containers.
        restarts: restarts of the containers that count.
        last: when one of them last ended, RFC 3339.
    """

    reason: str
    ready: int = 0
    restarts: int = 0
    last: str = ""

    def count(self, status: Document) -> None:
        """Add the restarts of one container."""
        self.restarts += status.get("restartCount", 0)
        self.last = max(self.last, part(status, "lastState", "terminated").get("finishedAt") or "")


def row(pod: Document, now: datetime.datetime) -> list[Any]:
    """Return the cells of a pod."""
    tally = _tally(pod)
    spec, status = part(pod, "spec"), part(pod, "status")
    restarts = str(tally.restarts)
    if tally.restarts and tally.last:
        restarts = f"{tally.restarts} ({cells.since(tally.last, now)} ago)"
    total = len(items(spec, "containers")) + len(_sidecars(pod))
    addresses = items(status, "podIPs")
    return [
        meta.name(pod),
        f"{tally.ready}/{total}",
        _final_word(pod, tally.reason),
        restarts,
        cells.age(pod, now),
        addresses[0].get("ip", "") if addresses else cells.NONE,
        spec.get("nodeName") or cells.NONE,
        status.get("nominatedNodeName") or cells.NONE,
        _gates(pod),
    ]


def row_conditions(pod: Document) -> list[Document]:
    """Return the row condition of a pod that has ended."""
    phase = part(pod, "status").get("phase", "")
    if phase not in _ENDED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDED[phase]}]


def _tally(pod: Document) -> _Tally:
    status = part(pod, "status")
    reason = status.get("reason") or status.get("phase", "")
    for condition in conditions.conditions(pod):
        if condition.get("type") == "PodScheduled" and condition.get("reason") == GATED:
            reason = GATED
    first = _Tally(reason)
    initializing = _init_containers(pod, first)
    if initializing and not conditions.is_true(pod, "Initialized"):
        return first
    second = _Tally(first.reason, first.ready)
    sidecars = _sidecars(pod)
    for container in _seen_init(pod):
        if container.get("name") in sidecars:
            second.count(container)
    _containers(pod, second)
    return second


def _sidecars(pod: Document) -> set[str]:
    """Return the names of the init containers that keep running."""
    return {one.get("name", "") for one in items(pod, "spec", "initContainers") if one.get("restartPolicy") == "Always"}


def _seen_init(pod: Document) -> list[Document]:
    """Return the init container statuses up to the first one that has not done its work."""
    found, sidecars = [], _sidecars(pod)
    for status in items(pod, "status", "initContainerStatuses"):
        found.append(status)
        if not _done(status, sidecars):
            break
    return found


def _done(status: Document, sidecars: set[str]) -> bool:
    terminated = part(status, "state").get("terminated")
    if terminated is not None and terminated.get("exitCode", 0) == 0:
        return True
    return status.get("name") in sidecars and bool(status.get("started"))


def _init_containers(pod: Document, tally: _Tally) -> bool:
    """Count the init containers; return whether one of them still holds the pod back, which names the state then."""
    sidecars = _sidecars(pod)
    for index, status in enumerate(_seen_init(pod)):
        tally.count(status)
        if not _done(status, sidecars):
            tally.reason = "Init:" + _init_word(status, index, len(items(pod, "spec", "initContainers")))
            return True
        if status.get("name") in sidecars and part(status, "state").get("terminated") is None:
            tally.ready += bool(status.get("ready"))
    return False


def _init_word(status: Document, index: int, total: int) -> str:
    state = part(status, "state")
    if state.get("terminated") is not None:
        return _end_word(state["terminated"])
    waiting = part(state, "waiting").get("reason", "")
    return waiting if waiting not in ("", "PodInitializing") else f"{index}/{total}"


def _end_word(terminated: Mapping[str, Any]) -> str:
    """Return why a container ended: its reason, its signal or its exit code."""
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _containers(pod: Document, tally: _Tally) -> None:
    """Count the ordinary containers; the first one with something to say names the state."""
    running = False
    for status in reversed(items(pod, "status", "containerStatuses")):
        tally.count(status)
        state = part(status, "state")
        if part(state, "waiting").get("reason"):
            tally.reason = state["waiting"]["reason"]
        elif state.get("terminated") is not None:
            tally.reason = _end_word(state["terminated"])
        elif status.get("ready") and state.get("running") is not None:
            running = True
            tally.ready += 1
    if tally.reason == "Completed" and running:
        tally.reason = "Running" if conditions.is_true(pod, "Ready") else "NotReady"


def _final_word(pod: Document, reason: str) -> str:
    """Return the state, unless the pod is being deleted."""
    if not meta.is_deleting(pod):
        return reason
    status = part(pod, "status")
    if status.get("reason") == _NODE_LOST:
        return "Unknown"
    return reason if status.get("phase") in _ENDED else "Terminating"


def _gates(pod: Document) -> str:
    gates = items(pod, "spec", "readinessGates")
    if not gates:
        return cells.NONE
    met = sum(conditions.is_true(pod, gate.get("conditionType", "")) for gate in gates)
    return f"{met}/{len(gates)}"

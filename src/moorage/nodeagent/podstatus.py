"""A pod's status as the API shows it.

In: `Snapshot`, why containers wait, the time. Out: a `status` document, ready to be patched in. Pure.
Rules: the kubelet's generateAPIPodStatus, getPhase and status/generate.go, Kubernetes 1.32.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api import conditions
from moorage.api.times import format_time
from moorage.nodeagent import containerstatus, lifecycle
from moorage.nodeagent.podspec import Role
from moorage.nodeagent.quality import qos_class
from moorage.nodeagent.snapshot import Failure, Snapshot

Status = dict[str, Any]
OWN_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
"""Conditions the agent owns; every other one belongs to somebody else and is left alone."""


def compute(snapshot: Snapshot, waits: Mapping[str, Failure], now: datetime.datetime, last: Status) -> Status:
    """Return the status of a pod.

    Args:
        snapshot: the pod now.
        waits: why containers wait, by name.
        now: time of transitions.
        last: the status sent before (else the API's), whose transition times go on where nothing changed.
    """
    inits = [containerstatus.compute(snapshot, one, waits) for one in snapshot.pod.spec.init_containers]
    mains = [containerstatus.compute(snapshot, one, waits) for one in snapshot.pod.spec.containers]
    phase = _phase(snapshot, inits, mains)
    status: Status = {"phase": phase, "qosClass": qos_class(snapshot.pod), "hostIP": snapshot.host_ip}
    status["hostIPs"] = [{"ip": snapshot.host_ip}]
    status["startTime"] = format_time(datetime.datetime.fromtimestamp(snapshot.started_at, datetime.UTC))
    status |= _reason(snapshot)
    address = _address(snapshot, phase, last)
    if address:
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    if not _never_ran(snapshot):
        status["containerStatuses"] = mains
        if inits:
            status["initContainerStatuses"] = inits
    status["conditions"] = _conditions(snapshot, status, now, conditions.conditions({"status": last}))
    return status


def _never_ran(snapshot: Snapshot) -> bool:
    return snapshot.rejected is not None and not snapshot.all_containers


def _reason(snapshot: Snapshot) -> Status:
    if snapshot.rejected is not None:
        return {"reason": snapshot.rejected.reason, "message": snapshot.rejected.message}
    if snapshot.termination is not None and snapshot.termination.cause == "failed":
        return {"reason": snapshot.termination.reason, "message": snapshot.termination.message}
    return {key: text for key in ("reason", "message") if (text := snapshot.pod.status.get(key))}


def _address(snapshot: Snapshot, phase: str, last: Status) -> str:
    sandbox = snapshot.sandbox
    if snapshot.pod.spec.host_network:
        return snapshot.host_ip if sandbox else str(last.get("podIP") or "")
    if sandbox is not None and sandbox.ip:
        return sandbox.ip
    # A pod that ends keeps the address it had, so that its last status still tells where it was.
    ending = phase in lifecycle.TERMINAL or snapshot.termination is not None
    return str(last.get("podIP") or "") if ending else ""


# --- phase ---


def _phase(snapshot: Snapshot, inits: Sequence[Status], mains: Sequence[Status]) -> str:
    outcome = lifecycle.outcome(snapshot)
    if outcome:
        # Not before every process has ended: a phase never moves back (kubelet, KEP-3329).
        return outcome if not snapshot.running() else str(snapshot.pod.status.get("phase") or "Running")
    if any(_init_pending(snapshot, one) for one in inits) and not lifecycle.initialized(snapshot):
        return "Pending"
    if any("waiting" in one["state"] and "terminated" not in one["lastState"] for one in mains):
        return "Pending"
    return "Running" if mains else "Pending"


def _init_pending(snapshot: Snapshot, status: Status) -> bool:
    if snapshot.pod.role(status["name"]) is Role.SIDECAR:
        return not status["started"]
    return not status["ready"]


# --- conditions ---


def _conditions(
    snapshot: Snapshot, status: Status, now: datetime.datetime, before: Sequence[conditions.Condition]
) -> list[Status]:
    wanted = [
        _condition("PodReadyToStartContainers", true=_sandbox_up(snapshot)),
        _initialized(snapshot, status),
        _ready(snapshot, status),
        _containers_ready(snapshot, status),
        _condition("PodScheduled", true=True),
    ]
    kept = [dict(one) for one in before if one.get("type") not in OWN_CONDITIONS]
    return [_dated(one, before, now) for one in wanted] + kept


def _condition(kind: str, *, true: bool, reason: str = "", message: str = "") -> Status:
    made: Status = {"type": kind, "status": "True" if true else "False", "lastProbeTime": None}
    return made | {key: text for key, text in (("reason", reason), ("message", message)) if text}


def _dated(wanted: Status, before: Sequence[conditions.Condition], now: datetime.datetime) -> Status:
    old = conditions.find(before, wanted["type"])
    same = old is not None and old.get("status") == wanted["status"]
    since = old.get("lastTransitionTime") if old is not None and same else None
    return wanted | {"lastTransitionTime": since or format_time(now)}


def _sandbox_up(snapshot: Snapshot) -> bool:
    sandbox = snapshot.ready_sandbox
    return sandbox is not None and bool(sandbox.ip or snapshot.pod.spec.host_network)


def _initialized(snapshot: Snapshot, status: Status) -> Status:
    kind = "Initialized"
    inits = snapshot.pod.spec.init_containers
    if not inits:
        reason = "PodCompleted" if status["phase"] == "Succeeded" else ""
        return _condition(kind, true=True, reason=reason)
    if status["phase"] == "Succeeded":
        return _condition(kind, true=True, reason="PodCompleted")
    if lifecycle.initialized(snapshot):
        return _condition(kind, true=True)
    undone = [one.name for one in inits if not lifecycle.init_complete(snapshot, one)]
    message = f"containers with incomplete status: [{' '.join(undone)}]"
    return _condition(kind, true=False, reason="ContainersNotInitialized", message=message)


def _containers_ready(snapshot: Snapshot, status: Status) -> Status:
    kind = "ContainersReady"
    if "containerStatuses" not in status:
        return _condition(kind, true=False, reason="UnknownContainerStatuses")
    ended = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(status["phase"])
    if ended:
        return _condition(kind, true=False, reason=ended)
    unready = [one["name"] for one in _probed(snapshot, status) if not one["ready"]]
    if unready:
        message = f"containers with unready status: [{' '.join(unready)}]"
        return _condition(kind, true=False, reason="ContainersNotReady", message=message)
    return _condition(kind, true=True)


def _probed(snapshot: Snapshot, status: Status) -> list[Status]:
    """Return the statuses that count for readiness: sidecars and main containers."""
    inits = status.get("initContainerStatuses", [])
    mains: list[Status] = status["containerStatuses"]
    return [one for one in inits if snapshot.pod.role(one["name"]) is Role.SIDECAR] + mains


def _ready(snapshot: Snapshot, status: Status) -> Status:
    whole = _containers_ready(snapshot, status)
    if whole["status"] != "True":
        return whole | {"type": "Ready"}
    problems = [_gate(one["conditionType"], snapshot) for one in snapshot.pod.spec.readiness_gates]
    found = [text for text in problems if text]
    if found:
        return _condition("Ready", true=False, reason="ReadinessGatesNotReady", message=", ".join(found))
    return _condition("Ready", true=True)


def _gate(kind: str, snapshot: Snapshot) -> str:
    condition = conditions.find(conditions.conditions(snapshot.pod.document), kind)
    if condition is None:
        return f'corresponding condition of pod readiness gate "{kind}" does not exist.'
    if condition.get("status") != "True":
        return f'the status of pod readiness gate "{kind}" is not "True", but {condition.get("status")}'
    return ""


def as_patch(status: Status, uid: str) -> dict[str, Any]:
    """Return the strategic merge patch that makes a pod's status this one, guarded by its uid.

    Conditions of others are not sent; lists of addresses are replaced, not merged; what is unset is removed.
    """
    sent: Status = dict.fromkeys(("reason", "message", "podIP"))
    sent |= status
    mine = [one for one in status["conditions"] if one["type"] in OWN_CONDITIONS]
    sent["conditions"] = [{"reason": None, "message": None} | one for one in mine]
    for key in ("podIPs", "hostIPs"):
        sent[key] = [{"$patch": "replace"}, *status.get(key, [])]
    return {"metadata": {"uid": uid}, "status": sent}

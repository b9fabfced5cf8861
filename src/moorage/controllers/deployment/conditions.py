"""Conditions of a Deployment: Available, Progressing, ReplicaFailure.

In: conditions as stored. Out: new lists, the given ones unchanged. Source: deploymentutil SetDeploymentCondition.
Unlike others', these have a time of their last update besides that of their last change of status.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api.conditions import find
from moorage.api.times import format_time, parse_time

AVAILABLE, PROGRESSING, FAILURE = "Available", "Progressing", "ReplicaFailure"
CREATED, FOUND, CREATE_ERROR = "NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetCreateError"
UPDATED, COMPLETE, TIMED_OUT = "ReplicaSetUpdated", "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"

Condition = Mapping[str, Any]
Conditions = tuple[Condition, ...]


def made(kind: str, status: str, reason: str, message: str, now: datetime.datetime) -> Condition:
    """Return a condition that begins now."""
    moment = format_time(now)
    return {
        "type": kind,
        "status": status,
        "lastUpdateTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }


def with_one(present: Sequence[Condition], wanted: Condition) -> Conditions:
    """Return conditions with one set: last in the list; nothing changes where status and reason are the same."""
    old = find(present, wanted["type"])
    if old is not None and old.get("status") == wanted["status"]:
        if old.get("reason") == wanted["reason"]:
            return tuple(present)
        wanted = {**wanted, "lastTransitionTime": old.get("lastTransitionTime")}
    return (*without(present, wanted["type"]), wanted)


def without(present: Sequence[Condition], kind: str) -> Conditions:
    """Return conditions without those of a type."""
    return tuple(one for one in present if one.get("type") != kind)


def reason_of(present: Sequence[Condition], kind: str) -> str:
    """Return the reason of a condition, "" where there is none."""
    return str((find(present, kind) or {}).get("reason", ""))


def updated(condition: Condition) -> datetime.datetime | None:
    """Return when a condition was last updated."""
    text = condition.get("lastUpdateTime")
    return parse_time(text) if text else None

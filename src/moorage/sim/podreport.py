"""A pod's status as the light kubelet reports it, and what it reads of a pod. Pure.

In: a pod's document, the time. Out: `status` documents to be patched in. Next room: `kubelet`.
"""

import datetime
from typing import Any

from moorage.api import conditions, meta, removal
from moorage.api.refs import Document, Resource
from moorage.api.removal import Request
from moorage.api.scheme import CONFIGMAPS, SECRETS
from moorage.api.times import format_time

_REFERENCES = (("configMap", "name", CONFIGMAPS), ("secret", "secretName", SECRETS))
_VALUES = (
    ("configMapKeyRef", CONFIGMAPS),
    ("configMapRef", CONFIGMAPS),
    ("secretKeyRef", SECRETS),
    ("secretRef", SECRETS),
)
_TERMINAL = ("Succeeded", "Failed")


def image(pod: Document) -> str:
    """Return the image of the first container."""
    return str(pod["spec"]["containers"][0]["image"])


def claims(pod: Document) -> list[str]:
    """Return the names of the claims a pod mounts."""
    sources = (volume.get("persistentVolumeClaim") for volume in pod["spec"].get("volumes") or ())
    return [source["claimName"] for source in sources if source]


def references(pod: Document) -> list[tuple[Resource, str]]:
    """Return the ConfigMaps and Secrets a pod mounts and cannot start without."""
    volumes = pod["spec"].get("volumes") or ()
    return [
        (resource, volume[source][name])
        for volume in volumes
        for source, name, resource in _REFERENCES
        if source in volume and not volume[source].get("optional")
    ]


def value_references(pod: Document) -> list[tuple[Resource, str]]:
    """Return the ConfigMaps and Secrets from which containers take environment variables they cannot start without."""
    found = []
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        given = [one.get("valueFrom") or {} for one in container.get("env") or ()]
        sources = (*given, *(container.get("envFrom") or ()))
        found += [
            (resource, source[key]["name"])
            for source in sources
            for key, resource in _VALUES
            if key in source and not source[key].get("optional")
        ]
    return found


def finished(pod: Document) -> bool:
    """Return whether a pod has ended for good."""
    return (pod.get("status") or {}).get("phase") in _TERMINAL


def says_ready(pod: Document) -> bool:
    """Return whether a pod's status says that it is Ready."""
    return conditions.is_true(pod, "Ready")


def restarts(pod: Document) -> int:
    """Return how often the first container was started anew, as its status says."""
    reported: Any = (pod.get("status") or {}).get("containerStatuses") or ({},)
    return int(reported[0].get("restartCount") or 0)


def may_start(live: Document, uid: str, node: str) -> bool:
    """Return whether a pod, read live, may be started on `node` (reliability ID5)."""
    ours = meta.uid(live) == uid and live["spec"].get("nodeName") == node
    return ours and not meta.is_deleting(live) and not finished(live)


def waiting(pod: Document, now: datetime.datetime, reason: str, message: str = "") -> Document:
    """Return the status of a pod whose containers wait."""
    told = {"reason": reason, **({"message": message} if message else {})}
    return _status(pod, now, "Pending", {"waiting": told}, (0, False))


def running(pod: Document, now: datetime.datetime, restarts: int, *, ready: bool) -> Document:
    """Return the status of a pod that runs."""
    started = {"running": {"startedAt": format_time(now)}}
    return _status(pod, now, "Running", started, (restarts, ready))


def prepared(request: Request, now: datetime.datetime) -> Document:
    """Return the part of a status that answers the request to prepare for a removal."""
    told = removal.answer(request, "the hook succeeded", prepared=True)
    return {"conditions": [{**told, "lastTransitionTime": format_time(now)}]}


def ended(pod: Document, now: datetime.datetime) -> Document:
    """Return the status of a pod of which nothing runs any more."""
    at = format_time(now)
    last = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": at, "finishedAt": at}}
    phase = (pod.get("status") or {}).get("phase") or "Pending"
    return _status(pod, now, phase if phase in _TERMINAL else "Succeeded", last, (0, False))


def _status(
    pod: Document, now: datetime.datetime, phase: str, state: dict[str, Any], running: tuple[int, bool]
) -> Document:
    restarts, ready = running
    before = {one["type"]: one for one in (pod.get("status") or {}).get("conditions") or ()}
    wanted = {
        "PodReadyToStartContainers": phase != "Pending",
        "Initialized": True,
        "Ready": ready,
        "ContainersReady": ready,
    }
    told = []
    for kind, holds in wanted.items():
        value = "True" if holds else "False"
        old = before.get(kind)
        since = old["lastTransitionTime"] if old and old["status"] == value else format_time(now)
        told.append({"type": kind, "status": value, "lastTransitionTime": since})
    containers = [
        {
            "name": one["name"], "image": one["image"], "imageID": one["image"], "ready": ready, "started": ready,
            "restartCount": restarts, "state": state, "lastState": {},
        }
        for one in pod["spec"]["containers"]
    ]  # fmt: skip
    return {"phase": phase, "conditions": told, "containerStatuses": containers}

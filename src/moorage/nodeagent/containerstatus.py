"""One container's status as the API shows it.

In: `Snapshot`, a container's name, why it waits. Out: an entry of `status.containerStatuses`. Pure.
Rules: the kubelet's convertToAPIContainerStatuses, Kubernetes 1.32.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from moorage.api.times import format_time
from moorage.nodeagent import lifecycle
from moorage.nodeagent.podspec import Container, Role
from moorage.nodeagent.ports import ContainerState, RuntimeContainer
from moorage.nodeagent.snapshot import Failure, Snapshot

RUNTIME_SCHEME = "containerd"
LOST_EXIT_CODE = 137
LOST_REASON = "ContainerStatusUnknown"
LOST_MESSAGE = "The container could not be located when the pod was terminated"
RESTART_LOST_MESSAGE = "The container could not be located when the pod was deleted.  The container used to be Running"
Status = dict[str, Any]


def compute(snapshot: Snapshot, spec: Container, waits: Mapping[str, Failure]) -> Status:
    """Return the status of one container."""
    newest = snapshot.newest(spec.name)
    state, last = _states(snapshot, spec, waits.get(spec.name))
    running = newest is not None and "running" in state
    results = snapshot.results(newest, spec) if newest is not None and running else None
    status: Status = {
        "name": spec.name,
        "state": state,
        "lastState": last,
        "ready": _ready(snapshot, spec, state, passing=results is not None and results.ready),
        "restartCount": _restart_count(snapshot, spec.name),
        "image": (newest.image if newest else "") or spec.image,
        "imageID": newest.image_id if newest else str(snapshot.reported(spec.name).get("imageID") or ""),
        "started": results is not None and results.started,
    }
    identity = container_id(newest) if newest else str(snapshot.reported(spec.name).get("containerID") or "")
    if identity:
        status["containerID"] = identity
    mounts = [_mount(mount) for mount in spec.volume_mounts]
    if mounts:
        status["volumeMounts"] = mounts
    return status


def container_id(container: RuntimeContainer) -> str:
    """Return the id as the API shows it."""
    return f"{RUNTIME_SCHEME}://{container.id}"


def moment(seconds: float) -> str | None:
    """Return UTC seconds as the API's time, None for never."""
    return format_time(datetime.datetime.fromtimestamp(seconds, datetime.UTC)) if seconds else None


def _mount(mount: Any) -> Status:
    shown: Status = {"mountPath": mount.mount_path, "name": mount.name}
    if mount.read_only:
        shown |= {"readOnly": True, "recursiveReadOnly": mount.recursive_read_only or "Disabled"}
    return shown


def _ready(snapshot: Snapshot, spec: Container, state: Status, *, passing: bool) -> bool:
    if snapshot.pod.role(spec.name) is Role.INIT:
        ended = state.get("terminated")
        return ended is not None and bool(ended["exitCode"] == 0)
    return passing


def _restart_count(snapshot: Snapshot, name: str) -> int:
    newest = snapshot.newest(name)
    return newest.attempt if newest else int(snapshot.reported(name).get("restartCount") or 0)


def _states(snapshot: Snapshot, spec: Container, wait: Failure | None) -> tuple[Status, Status]:
    """Return `state` and `lastState`."""
    containers = snapshot.of(spec.name)
    started = [one for one in containers if one.state is not ContainerState.CREATED]
    if not started:
        return _never_started(snapshot, spec, wait)
    newest = started[0]
    if newest.state is ContainerState.RUNNING:
        return _running(newest), _last(snapshot, started[1:], spec.name)
    if newest.state is ContainerState.UNKNOWN:
        return {"terminated": _lost(newest)}, _last(snapshot, started[1:], spec.name)
    ended = {"terminated": _terminated(snapshot, newest)}
    if wait is not None and not _over(snapshot, spec):
        return {"waiting": _waiting(wait)}, ended
    if _rerun(snapshot, newest, spec):
        return {"waiting": {"reason": _before_start(snapshot, spec)}}, ended
    return ended, _last(snapshot, started[1:], spec.name)


def _over(snapshot: Snapshot, spec: Container) -> bool:
    """Whether nothing of this container will start any more: then its end counts, not what it waited for."""
    ending = bool(lifecycle.outcome(snapshot)) or snapshot.termination is not None
    return ending or lifecycle.done_for_good(snapshot, spec.name)


def _rerun(snapshot: Snapshot, newest: RuntimeContainer, spec: Container) -> bool:
    """Whether the newest container belongs to a sandbox that has been replaced, and its successor is still to come."""
    if lifecycle.outcome(snapshot) or snapshot.termination is not None or snapshot.ready_sandbox is None:
        return False
    return snapshot.current(newest.name) is None and snapshot.pod.role(spec.name) is not Role.INIT


def _never_started(snapshot: Snapshot, spec: Container, wait: Failure | None) -> tuple[Status, Status]:
    known = snapshot.reported(spec.name)
    state, last = known.get("state") or {}, known.get("lastState") or {}
    over = bool(lifecycle.outcome(snapshot)) or snapshot.termination is not None
    if state.get("terminated") and (over or wait is None):
        return dict(state), dict(last)
    if state.get("running"):
        gone = {"terminated": _vanished()}
        return (gone, dict(last)) if over else ({"waiting": _initial(snapshot, spec, wait)}, gone)
    return {"waiting": _initial(snapshot, spec, wait)}, dict(last)


def _initial(snapshot: Snapshot, spec: Container, wait: Failure | None) -> Status:
    return _waiting(wait) if wait is not None else {"reason": _before_start(snapshot, spec)}


def _before_start(snapshot: Snapshot, spec: Container) -> str:
    has_init = bool(snapshot.pod.spec.init_containers)
    return "PodInitializing" if has_init else "ContainerCreating"


def _waiting(wait: Failure) -> Status:
    shown = {"reason": wait.reason}
    if wait.message:
        shown["message"] = wait.message
    return shown


def _running(container: RuntimeContainer) -> Status:
    return {"running": {"startedAt": moment(container.started_at or container.created_at)}}


def _last(snapshot: Snapshot, earlier: list[RuntimeContainer], name: str) -> Status:
    if earlier and earlier[0].state is ContainerState.EXITED:
        return {"terminated": _terminated(snapshot, earlier[0])}
    known = snapshot.reported(name)
    newest = snapshot.newest(name)
    same = newest is not None and known.get("containerID") == container_id(newest)
    return dict(known.get("lastState") or {}) if same else {}


def _terminated(snapshot: Snapshot, container: RuntimeContainer) -> Status:
    reason = container.reason or ("Completed" if container.exit_code == 0 else "Error")
    ended: Status = {"exitCode": container.exit_code, "reason": reason}
    message = snapshot.messages.get(container.id) or container.message
    if message:
        ended["message"] = message
    return {
        **ended,
        "startedAt": moment(container.started_at),
        "finishedAt": moment(container.finished_at),
        "containerID": container_id(container),
    }


def _lost(container: RuntimeContainer) -> Status:
    return {
        "exitCode": LOST_EXIT_CODE,
        "reason": LOST_REASON,
        "message": LOST_MESSAGE,
        "startedAt": moment(container.started_at),
        "finishedAt": None,
        "containerID": container_id(container),
    }


def _vanished() -> Status:
    return {
        "exitCode": LOST_EXIT_CODE,
        "reason": LOST_REASON,
        "message": RESTART_LOST_MESSAGE,
        "startedAt": None,
        "finishedAt": None,
    }

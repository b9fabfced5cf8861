"""The status of a pod, to the letter of the kubelet."""

import datetime
from typing import Any

import pytest

from moorage.nodeagent import podstatus
from moorage.nodeagent.ports import ContainerState
from moorage.nodeagent.snapshot import Failure, ProbeResults, Snapshot, Termination
from tests.unit.nodeagent.kit import NOW, container, exited, pod, sandbox, snapshot

LATER = datetime.datetime.fromtimestamp(NOW + 60, datetime.UTC)
UP = (sandbox(),)
READINESS = {"tcpSocket": {"port": 80}}


def compute(taken: Snapshot, last: dict[str, Any] | None = None, **waits: Failure) -> dict[str, Any]:
    return podstatus.compute(taken, waits, LATER, last or {})


def condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in status["conditions"] if one["type"] == kind)
    return found


def test_a_new_pod_is_pending_and_its_containers_are_being_made() -> None:
    status = compute(snapshot(pod()))
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert condition(status, "Ready")["message"] == "containers with unready status: [web]"
    assert condition(status, "PodReadyToStartContainers")["status"] == "False"


def test_containers_behind_an_init_container_are_initializing() -> None:
    one = pod(initContainers=[{"name": "init", "image": "i"}])
    status = compute(snapshot(one, container("init"), sandboxes=UP))
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}
    unready = condition(status, "Initialized")
    assert (unready["reason"], unready["message"]) == (
        "ContainersNotInitialized",
        "containers with incomplete status: [init]",
    )


def test_a_running_pod_without_probes_is_ready_at_once() -> None:
    status = compute(snapshot(pod(), container(), sandboxes=UP))
    assert (status["phase"], status["podIP"], status["hostIP"]) == ("Running", "10.42.0.2", "192.0.2.10")
    assert [one["status"] for one in status["conditions"]] == ["True"] * 5
    assert [one["type"] for one in status["conditions"]] == [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ]


def test_readiness_needs_its_probe() -> None:
    one = pod(containers=[{"name": "web", "image": "i", "readinessProbe": READINESS}])
    assert condition(compute(snapshot(one, container(), sandboxes=UP)), "Ready")["status"] == "False"
    passed = snapshot(one, container(), sandboxes=UP, probes={"web-0": ProbeResults()})
    assert condition(compute(passed), "Ready")["status"] == "True"


def test_a_readiness_gate_counts_too() -> None:
    one = pod(readinessGates=[{"conditionType": "example.com/up"}])
    unready = condition(compute(snapshot(one, container(), sandboxes=UP)), "Ready")
    assert unready["reason"] == "ReadinessGatesNotReady"
    assert unready["message"] == 'corresponding condition of pod readiness gate "example.com/up" does not exist.'


def test_transition_times_move_only_with_the_status() -> None:
    since = "2020-01-01T00:00:00Z"
    last = {
        "conditions": [
            {"type": "Ready", "status": "False", "lastTransitionTime": since},
            {"type": "Initialized", "status": "True", "lastTransitionTime": since},
        ]
    }
    status = compute(snapshot(pod(), container(), sandboxes=UP), last)
    assert condition(status, "Initialized")["lastTransitionTime"] == since
    assert condition(status, "Ready")["lastTransitionTime"] == "2026-01-01T00:01:00Z"


def test_a_waiting_container_shows_why_and_how_it_ended_before() -> None:
    crash = exited(attempt=1, code=137, reason="OOMKilled", message="out of memory")
    status = compute(snapshot(pod(), crash, sandboxes=UP), web=Failure("CrashLoopBackOff", "back-off 10s"))
    one = status["containerStatuses"][0]
    assert one["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    assert one["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert one["lastState"]["terminated"]["message"] == "out of memory"
    assert (one["restartCount"], status["phase"]) == (1, "Running")


def test_a_restarted_container_remembers_its_last_end() -> None:
    status = compute(snapshot(pod(), container(attempt=1), exited(code=3), sandboxes=UP))
    one = status["containerStatuses"][0]
    assert one["lastState"]["terminated"]["exitCode"] == 3
    assert one["lastState"]["terminated"]["containerID"] == "containerd://web-0"
    assert one["containerID"] == "containerd://web-1"


@pytest.mark.parametrize(("code", "phase"), [(0, "Succeeded"), (1, "Failed")])
def test_a_pod_that_never_restarts_ends(code: int, phase: str) -> None:
    status = compute(snapshot(pod(restartPolicy="Never"), exited(code=code), sandboxes=UP))
    assert status["phase"] == phase
    assert condition(status, "Ready")["reason"] == {"Succeeded": "PodCompleted", "Failed": "PodFailed"}[phase]


def test_a_rejected_pod_fails_without_containers() -> None:
    status = compute(snapshot(pod(), rejected=Failure("OutOfcpu", "Pod was rejected: …")))
    assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
    assert "containerStatuses" not in status


def test_a_container_the_runtime_lost_is_unknown() -> None:
    known = {"containerStatuses": [{"name": "web", "state": {"running": {"startedAt": "x"}}, "restartCount": 2}]}
    ended = Termination("deleted", NOW)
    one = compute(snapshot(pod(status=known), termination=ended))["containerStatuses"][0]
    assert one["state"]["terminated"]["reason"] == "ContainerStatusUnknown"
    assert one["state"]["terminated"]["exitCode"] == 137
    assert one["restartCount"] == 2


def test_a_container_in_an_unknown_state_is_not_ready() -> None:
    status = compute(snapshot(pod(), container(state=ContainerState.UNKNOWN), sandboxes=UP))
    assert status["containerStatuses"][0]["ready"] is False


def test_an_ended_pod_keeps_its_address() -> None:
    gone = snapshot(pod(restartPolicy="Never"), exited(), sandboxes=(sandbox(ready=False),))
    assert compute(gone, {"podIP": "10.42.0.9"})["podIP"] == "10.42.0.9"


def test_mounts_are_listed() -> None:
    mounts = [{"name": "data", "mountPath": "/data"}, {"name": "t", "mountPath": "/t", "readOnly": True}]
    one = pod(containers=[{"name": "web", "image": "i", "volumeMounts": mounts}])
    assert compute(snapshot(one))["containerStatuses"][0]["volumeMounts"] == [
        {"mountPath": "/data", "name": "data"},
        {"mountPath": "/t", "name": "t", "readOnly": True, "recursiveReadOnly": "Disabled"},
    ]


def test_the_patch_sends_own_conditions_only_and_replaces_addresses() -> None:
    foreign = {"type": "example.com/up", "status": "True"}
    status = compute(snapshot(pod(), container(), sandboxes=UP), {"conditions": [foreign]})
    assert foreign in status["conditions"]
    patch = podstatus.as_patch(status, "u")
    assert patch["metadata"] == {"uid": "u"}
    assert "example.com/up" not in [one["type"] for one in patch["status"]["conditions"]]
    assert patch["status"]["podIPs"] == [{"$patch": "replace"}, {"ip": "10.42.0.2"}]
    assert patch["status"]["reason"] is None

"""Numbers, conditions, progress and its deadline."""

from typing import Any

from moorage.api.refs import Document
from tests.unit.controllers.deployment.builders import (
    COMPLETE,
    SOON,
    deployment,
    plan,
    replicas,
    status,
    told,
)

NOTED = {"annotations": {"deployment.kubernetes.io/revision": "1"}}


def progressing(reason: str, state: str = "True", since: str = SOON) -> Document:
    times = {"lastUpdateTime": since, "lastTransitionTime": since}
    return {"type": "Progressing", "status": state, "reason": reason, "message": "m", **times}


def stored(*conditions: Document, **numbers: int) -> dict[str, Any]:
    return {"observedGeneration": 1, **numbers, "conditions": [*conditions]}


def test_numbers_come_from_what_the_replica_sets_report() -> None:
    found = status(plan(deployment(4), replicas("old", 3), replicas("new", 2, 1, revision=2)))
    numbers = {name: value for name, value in found.items() if name != "conditions"}
    assert numbers == {
        "observedGeneration": 1,
        "replicas": 5,
        "updatedReplicas": 2,
        "readyReplicas": 4,
        "availableReplicas": 4,
        "unavailableReplicas": 1,
    }


def test_a_rollout_completes() -> None:
    found = plan(deployment(2), replicas("new", 2))
    assert told(status(found)) == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    message = status(found)["conditions"][1]["message"]
    assert message == 'ReplicaSet "app-new" has successfully progressed.'
    assert found.status is not None
    assert found.status.document["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    assert found.wake_after is None


def test_what_is_written_already_is_not_written_again() -> None:
    owner = deployment(2, metadata=NOTED, status=status(plan(deployment(2), replicas("new", 2))))
    assert plan(owner, replicas("new", 2)).status is None


def test_a_pod_lost_after_the_rollout_is_no_progress() -> None:
    owner = deployment(2, status=stored(COMPLETE, replicas=2, updatedReplicas=2, availableReplicas=2))
    found = status(plan(owner, replicas("new", 2, 1)))
    assert told(found)["Progressing"] == ("True", "NewReplicaSetAvailable")
    assert told(found)["Available"] == ("False", "MinimumReplicasUnavailable")


def test_progress_moves_the_time_of_the_last_update_only() -> None:
    owner = deployment(2, status=stored(progressing("ReplicaSetUpdated"), updatedReplicas=1, replicas=2))
    found = status(plan(owner, replicas("new", 2, 1), after=60))
    condition = next(one for one in found["conditions"] if one["type"] == "Progressing")
    assert condition["message"] == 'ReplicaSet "app-new" is progressing.'
    assert (condition["lastTransitionTime"], condition["lastUpdateTime"]) == (SOON, "2026-01-01T00:01:00Z")


def test_without_progress_the_deadline_passes() -> None:
    numbers = {"replicas": 2, "updatedReplicas": 2}
    owner = deployment(2, status=stored(progressing("ReplicaSetUpdated"), **numbers))
    waiting = plan(owner, replicas("new", 2, 0), after=590)
    assert told(status(waiting))["Progressing"] == ("True", "ReplicaSetUpdated")
    assert waiting.wake_after == 11
    late = plan(owner, replicas("new", 2, 0), after=601)
    assert told(status(late))["Progressing"] == ("False", "ProgressDeadlineExceeded")
    assert status(late)["conditions"][-1]["message"] == 'ReplicaSet "app-new" has timed out progressing.'
    assert late.wake_after is None


def test_no_deadline_means_no_condition_progressing() -> None:
    owner = deployment(2, progressDeadlineSeconds=2**31 - 1, status=stored(progressing("ReplicaSetUpdated")))
    assert list(told(status(plan(owner, replicas("new", 2, 0))))) == ["Available"]


def test_pausing_and_resuming_stop_the_clock() -> None:
    paused = deployment(2, paused=True, status=stored(progressing("ReplicaSetUpdated")))
    found = status(plan(paused, replicas("new", 2, 0), after=9999))
    assert told(found)["Progressing"] == ("Unknown", "DeploymentPaused")
    resumed = deployment(2, status=stored(progressing("DeploymentPaused", "Unknown"), replicas=2, updatedReplicas=2))
    again = plan(resumed, replicas("new", 2, 0), after=9999)
    assert told(status(again))["Progressing"] == ("Unknown", "DeploymentResumed")
    assert again.wake_after == 601


def test_a_paused_deployment_waits_with_a_gate() -> None:
    (gate,) = plan(deployment(2, paused=True), replicas("old", 2)).gates
    assert (gate.name, gate.holds) == ("RolloutPaused", "replace 2 Pods of earlier templates")
    assert gate.opens == "kubectl rollout resume deployment/app -n default"
    assert plan(deployment(2, paused=True), replicas("new", 2)).gates == ()


def test_a_failure_of_a_replica_set_shows() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"}
    failing = replicas("new", 2, 0)
    failing["status"]["conditions"] = [{**failure, "lastTransitionTime": SOON}]
    found = status(plan(deployment(2), failing))
    expected = {**failure, "lastTransitionTime": SOON, "lastUpdateTime": SOON}
    assert found["conditions"][-1] == expected
    healed = deployment(2, status=stored(expected))
    assert "ReplicaFailure" not in told(status(plan(healed, replicas("new", 2))))


def test_a_deployment_that_is_deleted_only_counts() -> None:
    leaving = {"deletionTimestamp": SOON}
    found = plan(deployment(4, metadata=leaving), replicas("old", 4))
    assert found.steps == ()
    assert list(told(status(found))) == ["Available"]

"""Status to the digit."""

import datetime
from typing import Any

import pytest

from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.rollout import max_unavailable
from moorage.controllers.statefulset.rules import NEWEST, V1_28, Rules
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 0, 0, 5, tzinfo=datetime.UTC)
OLD, NEW = make.revision_name("app:0"), make.revision_name()
HISTORY = (make.revision(1, "app:0"), make.revision(2))
DELETING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def _status(*pods: Any, rules: Rules = NEWEST, status: Any = None, **spec: Any) -> Any:
    owner = make.stateful_set(status=status or {"currentRevision": OLD}, **spec)
    plan = decide(make.snapshot(owner, *HISTORY, *pods), NOW, rules)
    return plan.status.document["status"] if plan.status else None


def test_what_each_count_counts() -> None:
    pods = (
        make.pod("web-0", "app:0"),
        make.pod("web-1", state="running"),
        make.pod("web-2", "app:0", **DELETING),
        make.pod("web-5", "app:0", state="failed"),
        make.pod("web-01", "app:0"),
    )
    assert _status(*pods) == {
        "observedGeneration": 2,
        "replicas": 4,
        "readyReplicas": 2,
        "currentReplicas": 2,
        "updatedReplicas": 1,
        "currentRevision": OLD,
        "updateRevision": NEW,
        "collisionCount": 0,
        "availableReplicas": 2,
    }


def test_counts_of_zero_are_left_out_but_for_two() -> None:
    assert _status(replicas=1) == {
        "observedGeneration": 2,
        "replicas": 0,
        "availableReplicas": 0,
        "currentRevision": OLD,
        "updateRevision": NEW,
        "collisionCount": 0,
    }


def test_a_collision_is_counted_with_the_revision_it_gave_another_name() -> None:
    squatter = make.revision(1, "other", name=NEW, ownerReferences=[], labels={})
    first = decide(make.snapshot(make.stateful_set(), squatter), NOW)
    assert (len(first.steps), first.status and first.status.document["status"]) == (2, {"collisionCount": 1})
    known = decide(make.snapshot(make.stateful_set(status={"collisionCount": 1}), squatter), NOW)
    assert (len(known.steps), known.status) == (2, None)


@pytest.mark.parametrize(("seconds", "available"), [(4, 1), (5, 0), (6, 0)])
def test_availability_is_strictly_later(seconds: int, available: int) -> None:
    found = _status(make.pod("web-0"), replicas=1, minReadySeconds=seconds)
    assert (found["readyReplicas"], found["availableReplicas"]) == (1, available)


def test_the_instant_of_availability_is_known() -> None:
    owner = make.stateful_set(minReadySeconds=8, replicas=1)
    plan = decide(make.snapshot(owner, *HISTORY, make.pod("web-0")), NOW)
    assert plan.wake_after == pytest.approx(3.001)


def test_completion_moves_the_current_revision() -> None:
    pods = [make.pod(f"web-{ordinal}") for ordinal in range(3)]
    assert _status(*pods)["currentRevision"] == NEW
    assert _status(*pods, updateStrategy={"type": "OnDelete"})["currentRevision"] == NEW
    assert _status(*pods, updateStrategy={"type": "OnDelete"}, rules=V1_28)["currentRevision"] == OLD


def test_one_old_pod_prevents_completion() -> None:
    pods = [make.pod("web-0", "app:0"), make.pod("web-1"), make.pod("web-2")]
    assert _status(*pods)["currentRevision"] == OLD


def test_no_write_without_a_difference() -> None:
    stored = {
        "observedGeneration": 2,
        "replicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "currentReplicas": 1,
        "updatedReplicas": 1,
        "currentRevision": NEW,
        "updateRevision": NEW,
    }
    assert _status(make.pod("web-0"), replicas=1, status=stored) is None
    assert _status(make.pod("web-0"), replicas=1, status={**stored, "readyReplicas": 0}) is not None


def test_conditions_of_others_survive() -> None:
    conditions = [{"type": "Custom", "status": "True"}]
    assert _status(replicas=1, status={"conditions": conditions})["conditions"] == conditions


def test_the_update_counts_deleted_pods_off_at_once() -> None:
    pods = [make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)]
    assert _status(*pods)["currentReplicas"] == 2


@pytest.mark.parametrize(
    ("limit", "replicas", "pods"), [(None, 5, 1), (2, 5, 2), ("30%", 5, 1), ("50%", 5, 2), ("1%", 5, 1), (0, 5, 1)]
)
def test_max_unavailable(limit: int | str | None, replicas: int, pods: int) -> None:
    assert max_unavailable(limit, replicas) == pods

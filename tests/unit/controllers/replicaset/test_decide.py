"""Decisions about a replica set: how many pods, whose, and what is reported."""

import datetime
from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import REPLICASETS
from moorage.base.errors import MoorageError
from moorage.controllers.replicaset import controller
from moorage.reconcile.actions import Batch, Confirm, Create, Delete, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key
from tests.fakes.clock import START
from tests.unit.controllers.replicaset.builders import EARLIER, LABELS, OWNER, pod, replica_set

QUOTA = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}


def _plan(*documents: Document, after: float = 0) -> Plan:
    caches = FilledCaches(controller.build())
    caches.put(*documents)
    plan = caches.decide(key("app"), START + datetime.timedelta(seconds=after))
    assert plan is not None
    return plan


def _writes(plan: Plan) -> list[Any]:
    return [action for step in plan.steps if isinstance(step, Batch) for one in step.sequences for action in one]


def _status(plan: Plan) -> Document:
    assert plan.status is not None
    found: Document = plan.status.document["status"]
    return found


def _status_after(plan: Plan, error: str) -> Document:
    assert plan.status_if_failed is not None
    update = plan.status_if_failed(MoorageError(error))
    assert update is not None
    found: Document = update.document["status"]
    return found


def test_missing_pods_are_made_from_the_template() -> None:
    template = {
        "metadata": {"labels": LABELS, "annotations": {"a": "b"}, "finalizers": ["example.com/f"]},
        "spec": {"containers": []},
    }
    made = _writes(_plan(replica_set(2, template=template)))
    assert len(made) == 2
    assert isinstance(made[0], Create)
    assert made[0].document["metadata"] == {
        "generateName": "app-",
        "namespace": "default",
        "labels": LABELS,
        "annotations": {"a": "b"},
        "finalizers": ["example.com/f"],
        "ownerReferences": [{**OWNER, "blockOwnerDeletion": True}],
    }
    assert made[0].on_success is not None
    assert made[0].on_success.message == "Created pod: {name}"


def test_no_more_than_a_burst_at_once() -> None:
    assert len(_writes(_plan(replica_set(600)))) == 500


def test_pods_that_are_finished_or_going_do_not_count() -> None:
    going = pod("c", deletionTimestamp=EARLIER)
    plan = _plan(replica_set(2), pod("a", "Failed"), pod("b"), going)
    assert [type(write) for write in _writes(plan)] == [Create]
    assert _status(plan)["replicas"] == 1


def test_the_status_counts_to_the_digit() -> None:
    labelled = {**LABELS, "extra": "x"}
    bare = replica_set(3, template={"metadata": {"labels": labelled}, "spec": {}})
    plan = _plan(bare, pod("a"), pod("b", "Pending"), pod("c", labels=labelled))
    assert _status(plan) == {
        "replicas": 3,
        "fullyLabeledReplicas": 1,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "observedGeneration": 1,
    }


def test_a_status_that_says_so_already_is_not_written() -> None:
    status = {"replicas": 1, "fullyLabeledReplicas": 1, "observedGeneration": 1}
    assert _plan(replica_set(1, status=status), pod("a", "Pending")).status is None


def test_ready_pods_turn_available_after_min_ready_seconds() -> None:
    ready = pod("a", since="2026-01-01T00:00:00Z")
    plan = _plan(replica_set(1, minReadySeconds=10), ready, after=4)
    assert _status(plan)["readyReplicas"] == 1
    assert "availableReplicas" not in _status(plan)
    assert plan.wake_after == 6.001
    assert [gate.name for gate in plan.gates] == ["MinReadySeconds"]
    assert _status(_plan(replica_set(1, minReadySeconds=10), ready, after=10.1))["availableReplicas"] == 1


def test_orphans_are_adopted_before_anything_is_made() -> None:
    orphan, other = pod("a", ownerReferences=[]), pod("b", ownerReferences=[], labels={"app": "x"})
    confirm, patch = _plan(replica_set(2), orphan, other).steps
    assert confirm == Confirm(REPLICASETS, key("app"), "uid-app")
    assert isinstance(patch, Patch)
    assert patch.key == key("a")


def test_a_pod_whose_labels_left_is_released() -> None:
    (patch,) = _plan(replica_set(1), pod("a", labels={"app": "x"})).steps
    assert isinstance(patch, Patch)
    assert patch.body["metadata"]["ownerReferences"] == [{"$patch": "delete", "uid": "uid-app"}]


def test_a_set_that_is_deleted_makes_and_adopts_nothing() -> None:
    leaving = replica_set(3, {"deletionTimestamp": EARLIER})
    assert _plan(leaving, pod("a"), pod("b", ownerReferences=[])).steps == ()


def test_a_failure_is_remembered_until_a_sync_succeeds() -> None:
    plan = _plan(replica_set(1))
    (condition,) = _status_after(plan, "exceeded quota")["conditions"]
    assert condition == {**QUOTA, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    stuck = replica_set(1, status={"replicas": 0, "conditions": [QUOTA]})
    again = _plan(stuck)
    assert _status_after(again, "another")["conditions"] == [QUOTA]
    assert "conditions" not in _status(again)
    (gate,) = again.gates
    assert (gate.name, gate.holds, gate.evidence) == ("WriteRefused", "create 1 Pods", "exceeded quota")


def test_surplus_pods_go_by_uid() -> None:
    (gone,) = _writes(_plan(replica_set(1), pod("a"), pod("b", "Pending")))
    assert isinstance(gone, Delete)
    assert (gone.key, gone.uid) == (key("b"), "uid-b")
    assert gone.on_success is not None
    assert (gone.on_success.reason, gone.on_success.message) == ("SuccessfulDelete", "Deleted pod: b")


def test_pods_wake_their_owner_and_who_could_adopt_them() -> None:
    caches = FilledCaches(controller.build())
    caches.put(replica_set(1))
    assert caches.put(pod("a")) == {key("app")}
    assert caches.put(pod("b", ownerReferences=[])) == {key("app")}
    assert caches.put(pod("c", ownerReferences=[], labels={"app": "x"})) == set()
    assert caches.put(pod("d", ownerReferences=[{**OWNER, "uid": "earlier"}])) == set()

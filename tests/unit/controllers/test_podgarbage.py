"""Pods whose Node is gone or out of service: who is removed, when, and after which look."""

import datetime
from typing import Any

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time
from moorage.controllers import podgarbage
from moorage.reconcile.actions import ConfirmAbsent, Delete, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

POD = key("web-0")
REMOVAL = Delete(PODS, POD, "uid-web-0", grace_seconds=0)


def _pod(*conditions: Document, phase: str = "Running", **metadata: Any) -> Document:
    status = {"phase": phase, "conditions": [*conditions]}
    return thing(PODS, "web-0", metadata, spec={"nodeName": "n1"}, status=status)


def _mark(after: float = 0) -> Document:
    at = format_time(START + datetime.timedelta(seconds=after))
    return {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC", "lastTransitionTime": at}


def _node(*, ready: str, taint: str = "node.kubernetes.io/out-of-service") -> Document:
    conditions = [{"type": "Ready", "status": ready}]
    taints = [{"key": taint, "value": "nodeshutdown", "effect": "NoExecute"}]
    return thing(NODES, "n1", spec={"taints": taints}, status={"conditions": conditions})


def _plan(*documents: Document, after: float = 0) -> Plan | None:
    caches = FilledCaches(podgarbage.build())
    caches.put(*documents)
    return caches.decide(POD, START + datetime.timedelta(seconds=after))


def test_an_orphan_is_marked_and_given_forty_seconds() -> None:
    plan = _plan(_pod(), after=60)
    assert plan is not None
    (mark,) = plan.steps
    assert isinstance(mark, Patch)
    assert mark.body["status"]["conditions"][0]["message"] == "PodGC: node no longer exists"
    assert "phase" not in mark.body["status"]
    assert plan.wake_after == 40
    plan = _plan(_pod(_mark()), after=15)
    assert plan == Plan(wake_after=25)


def test_after_that_it_fails_and_goes_if_its_node_is_still_absent_when_read_live() -> None:
    plan = _plan(_pod(_mark()), after=40)
    assert plan is not None
    look, failed, removed = plan.steps
    assert look == ConfirmAbsent(NODES, ObjectKey("", "n1"), "")
    assert isinstance(failed, Patch)
    assert (failed.uid, failed.body["status"]["phase"]) == ("uid-web-0", "Failed")
    assert removed == REMOVAL


def test_a_mark_from_the_future_counts_from_now_on() -> None:
    plan = _plan(_pod(_mark(after=3600)), after=60)
    assert plan is not None
    assert isinstance(plan.steps[0], Patch)
    assert plan.wake_after == 40


def test_what_has_ended_keeps_its_phase() -> None:
    plan = _plan(_pod(_mark(), phase="Succeeded"), after=40)
    assert plan is not None
    assert plan.steps[1:] == (REMOVAL,)


def test_a_deleted_pod_on_a_node_out_of_service_goes_at_once() -> None:
    plan = _plan(_node(ready="Unknown"), _pod(deletionTimestamp=format_time(START)))
    assert plan is not None
    failed, removed = plan.steps
    assert isinstance(failed, Patch)
    assert removed == REMOVAL


@pytest.mark.parametrize(
    ("node", "metadata"),
    [
        (_node(ready="Unknown"), {}),
        (_node(ready="True"), {"deletionTimestamp": format_time(START)}),
        (_node(ready="Unknown", taint="node.kubernetes.io/unreachable"), {"deletionTimestamp": format_time(START)}),
    ],
    ids=["not deleted", "node is ready", "only silent"],
)
def test_every_other_pod_stays(node: Document, metadata: dict[str, str]) -> None:
    assert _plan(node, _pod(**metadata)) is None


def test_a_pod_is_looked_at_when_its_node_goes() -> None:
    caches = FilledCaches(podgarbage.build())
    node = _node(ready="Unknown", taint="node.kubernetes.io/unreachable")
    assert caches.put(node, _pod()) == set()
    assert caches.remove(node) == {POD}
    assert caches.put(_node(ready="Unknown")) == {POD}


def test_a_young_pod_may_be_bound_ahead_of_its_node() -> None:
    plan = _plan(_pod(creationTimestamp=format_time(START)), after=15)
    assert plan == Plan(wake_after=25)

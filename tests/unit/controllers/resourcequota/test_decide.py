"""What a quota's status says, and what makes the controller look again."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import CATALOGUE, CONFIGMAPS, PODS, RESOURCEQUOTAS, SECRETS
from moorage.controllers.resourcequota import controller
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing

CONTROLLER = controller.build(CATALOGUE)


def _quota(hard: Document, status: Document | None = None, **spec: Any) -> Document:
    return thing(RESOURCEQUOTAS, "q", spec={"hard": hard, **spec}, status=status or {})


def _pod(name: str, cpu: str = "", phase: str = "Running", **metadata: Any) -> Document:
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}} if cpu else {}}
    return thing(PODS, name, metadata, spec={"containers": [container]}, status={"phase": phase})


def _plan(*documents: Document) -> Plan:
    caches = FilledCaches(CONTROLLER)
    caches.put(*documents)
    plan = caches.decide(key("q"))
    assert plan is not None
    return plan


def _status(plan: Plan) -> Document:
    assert plan.status is not None
    assert plan.status.subresource == "status"
    found: Document = plan.status.document["status"]
    return found


def test_what_is_used_is_added_up() -> None:
    hard = {"pods": "4", "requests.cpu": "2", "count/configmaps": "1", "services": "1", "count/foos.example.com": "1"}
    pods = (_pod("a", "500m"), _pod("b", "1"), _pod("c", "1", phase="Failed"))
    elsewhere = _pod("d", "1", namespace="other")
    status = _status(_plan(_quota(hard), *pods, elsewhere, thing(CONFIGMAPS, "m")))
    assert status["hard"] == hard
    assert status["used"] == {"pods": "2", "requests.cpu": "1500m", "count/configmaps": "1", "services": "0"}


def test_only_pods_of_its_scope_count() -> None:
    quota = _quota({"pods": "4"}, scopes=["BestEffort"])
    assert _status(_plan(quota, _pod("a"), _pod("b", "1")))["used"] == {"pods": "1"}


def test_a_status_that_says_so_already_is_not_written_again() -> None:
    known = {"hard": {"pods": "4"}, "used": {"pods": "1"}}
    assert _plan(_quota({"pods": "4"}, known), _pod("a")).status is None
    assert _status(_plan(_quota({"pods": "5"}, known), _pod("a")))["hard"] == {"pods": "5"}


def test_a_full_quota_says_so() -> None:
    (gate,) = _plan(_quota({"pods": "1", "secrets": "2"}), _pod("a"), thing(SECRETS, "s")).gates
    assert (gate.name, gate.evidence) == ("QuotaFull", "pods: 1/1")


def test_a_pod_that_is_stuck_stops_counting_when_its_grace_is_over() -> None:
    going = _pod("a", deletionTimestamp="2026-01-01T00:00:10Z", deletionGracePeriodSeconds=30)
    plan = _plan(_quota({"pods": "4"}), going)
    assert _status(plan)["used"] == {"pods": "1"}
    assert plan.wake_after == pytest.approx(40, abs=0.01)
    stuck = _pod("b", deletionTimestamp="2025-12-31T23:59:00Z", deletionGracePeriodSeconds=30)
    assert _plan(_quota({"pods": "4"}), stuck).wake_after is None


def test_only_changes_that_cost_something_wake_a_quota() -> None:
    caches = FilledCaches(CONTROLLER)
    assert caches.put(_pod("a")) == set()
    assert caches.put(_quota({"pods": "4"})) == {key("q")}
    assert caches.put(_pod("b")) == {key("q")}
    assert caches.put(_pod("b", labels={"x": "y"})) == set()
    assert caches.put(_pod("b", phase="Succeeded")) == {key("q")}
    assert caches.remove(_pod("b", phase="Succeeded")) == {key("q")}
    assert caches.put(_pod("c", namespace="other")) == set()

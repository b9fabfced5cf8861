"""Decisions about a budget: who is expected, who is healthy, how many may go, and what is reported."""

import datetime
from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import DAEMONSETS, DEPLOYMENTS, PODDISRUPTIONBUDGETS, PODS, REPLICASETS, STATEFULSETS
from moorage.controllers.poddisruptionbudget import controller
from moorage.reconcile.actions import Emit
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

LABELS = {"app": "web"}
SELECTOR = {"matchLabels": LABELS}
SINCE = "2026-01-01T00:00:00Z"


def budget(status: Document | None = None, name: str = "web", **spec: Any) -> Document:
    """Return a budget for the pods labelled `app: web`."""
    return thing(
        PODDISRUPTIONBUDGETS, name, {"generation": 2}, spec={"selector": SELECTOR, **spec}, status=status or {}
    )


def pod(name: str, owner: Document | None = None, *, ready: bool = True, **metadata: Any) -> Document:
    """Return a pod labelled `app: web`."""
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    own: Document = {"labels": LABELS, **metadata}
    if owner is not None:
        own["ownerReferences"] = [reference(owner)]
    return thing(PODS, name, own, status={"phase": "Running", "conditions": conditions})


def reference(owner: Document) -> Document:
    """Return the reference a controller puts on what it makes."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


SET = thing(STATEFULSETS, "web", spec={"replicas": 5})
DEPLOYMENT = thing(DEPLOYMENTS, "app", spec={"replicas": 3})
REPLICASET = thing(REPLICASETS, "app-1", {"ownerReferences": [reference(DEPLOYMENT)]}, spec={"replicas": 2})
OTHER = thing(REPLICASETS, "app-2", {"ownerReferences": [reference(DEPLOYMENT)]}, spec={"replicas": 1})
DAEMONS = thing(DAEMONSETS, "agent", spec={})


def decide(*documents: Document, after: float = 0) -> Plan:
    """Return the plan for budget `web`."""
    caches = FilledCaches(controller.build())
    caches.put(*(document for document in documents if document["kind"] != "DaemonSet"))
    plan = caches.decide(key("web"), START + datetime.timedelta(seconds=after))
    assert plan is not None
    return plan


def status(plan: Plan) -> Document:
    """Return the status that is written."""
    assert plan.status is not None
    assert plan.status.subresource == "status"
    found: Document = plan.status.document["status"]
    return found


def counts(plan: Plan) -> tuple[int, int, int, int]:
    """Return (expected, desired, healthy, allowed)."""
    found = status(plan)
    return found["expectedPods"], found["desiredHealthy"], found["currentHealthy"], found["disruptionsAllowed"]


def events(plan: Plan) -> list[tuple[str, str, str]]:
    """Return the events, as (about, reason, message)."""
    told = [step for step in plan.steps if isinstance(step, Emit)]
    return [(one.about["metadata"]["name"], one.reason, one.message) for one in told]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 2}, (3, 2, 3, 1)),
        ({"minAvailable": 3}, (3, 3, 3, 0)),
        ({"minAvailable": 0}, (3, 0, 3, 3)),
        ({"minAvailable": "50%"}, (5, 3, 3, 0)),
        ({"minAvailable": "0%"}, (5, 0, 3, 3)),
        ({"maxUnavailable": 4}, (5, 1, 3, 2)),
        ({"maxUnavailable": "30%"}, (5, 3, 3, 0)),
        ({"maxUnavailable": 9}, (5, 0, 3, 3)),
        ({}, (0, 0, 3, 0)),
    ],
)
def test_numbers_of_the_pods_and_percentages_of_what_their_owner_wants(spec: Document, expected: Any) -> None:
    """An integer minAvailable counts the pods there are; everything else what their owners want, rounded up."""
    assert counts(decide(SET, budget(**spec), *(pod(f"web-{n}", SET) for n in range(3)))) == expected


def test_the_status_says_of_which_generation_and_why() -> None:
    found = status(decide(budget(minAvailable=1), pod("a"), pod("b")))
    assert found["observedGeneration"] == 2
    assert found["conditions"] == [
        {
            "type": "DisruptionAllowed", "status": "True", "reason": "SufficientPods", "message": "",
            "observedGeneration": 2, "lastTransitionTime": SINCE,
        }
    ]  # fmt: skip
    assert "disruptedPods" not in found


def test_a_status_that_says_so_already_is_not_written_again() -> None:
    found = status(decide(budget(minAvailable=1), pod("a"), pod("b")))
    assert decide(budget(found, minAvailable=1), pod("a"), pod("b")).status is None


def test_pods_that_are_going_or_not_ready_are_not_healthy() -> None:
    going = pod("c", deletionTimestamp=SINCE, deletionGracePeriodSeconds=30)
    assert counts(decide(budget(minAvailable=1), pod("a"), pod("b", ready=False), going)) == (3, 1, 1, 0)


def test_replica_sets_of_one_deployment_count_once_by_what_it_wants() -> None:
    pods = [pod("a", REPLICASET), pod("b", REPLICASET), pod("c", OTHER)]
    plan = decide(DEPLOYMENT, REPLICASET, OTHER, budget(maxUnavailable=1), *pods)
    assert counts(plan) == (3, 2, 3, 1)


def test_a_replica_set_whose_deployment_is_gone_counts_itself() -> None:
    assert counts(decide(REPLICASET, budget(maxUnavailable=1), pod("a", REPLICASET)))[0] == 2


@pytest.mark.parametrize(
    ("owner", "problem"),
    [
        (SET, 'found no controllers for pod "a"'),
        (DAEMONS, "daemonsets.apps does not implement the scale subresource"),
        (
            {"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "f", "uid": "u"}},
            'no matches for kind "Foo" in version "example.com/v1"',
        ),
    ],
)
def test_where_nothing_can_be_counted_nothing_may_go(owner: Document, problem: str) -> None:
    before = {"disruptionsAllowed": 3, "currentHealthy": 4, "observedGeneration": 1}
    plan = decide(budget(before, maxUnavailable=1), pod("a", owner))
    found = status(plan)
    assert (found["disruptionsAllowed"], found["currentHealthy"], found["observedGeneration"]) == (0, 4, 1)
    condition = found["conditions"][0]
    assert (condition["status"], condition["reason"], condition["message"]) == ("False", "SyncFailed", problem)
    told = f"Failed to calculate the number of expected pods: {problem}"
    assert events(plan) == [("web", "CalculateExpectedPodCountFailed", told)]


def test_unmanaged_pods_are_reported_where_their_owner_is_asked() -> None:
    plan = decide(SET, budget(maxUnavailable=1), pod("a", SET), pod("b"))
    assert counts(plan) == (5, 4, 2, 0)
    (told,) = events(plan)
    assert told[1] == "UnmanagedPods"
    selector = "&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}"
    assert f"(selector: {selector}) were found to be unmanaged." in told[2]
    assert events(decide(budget(minAvailable=1), pod("b"))) == []


def test_no_pods_no_evictions() -> None:
    plan = decide(budget(minAvailable=0))
    assert counts(plan) == (0, 0, 0, 0)
    assert events(plan) == [("web", "NoPods", "No matching pods found")]


def test_an_empty_selector_covers_all_and_none_covers_nothing() -> None:
    assert counts(decide(budget(minAvailable=1, selector={}), pod("a"), pod("b")))[0] == 2
    assert counts(decide(budget(minAvailable=1, selector=None), pod("a"), pod("b")))[0] == 0


def test_a_granted_eviction_is_not_healthy_until_it_is_overdue() -> None:
    granted = {"disruptedPods": {"a": SINCE, "gone": SINCE}}
    documents = (budget(granted, minAvailable=1), pod("a"), pod("b"), pod("c"))
    plan = decide(*documents, after=30)
    assert status(plan)["disruptedPods"] == {"a": SINCE}
    assert counts(plan) == (3, 1, 2, 1)
    assert plan.wake_after == pytest.approx(90, abs=0.01)
    late = decide(*documents, after=121)
    assert "disruptedPods" not in status(late)
    assert counts(late) == (3, 1, 3, 2)
    assert events(late) == [("a", "NotDeleted", "Pod was expected by PDB default/web to be deleted but it wasn't")]


def test_a_pod_of_two_budgets_is_reported_by_the_first() -> None:
    other = budget(name="xtra", minAvailable=1)
    text = 'Pod "default"/"a" matches multiple PodDisruptionBudgets.  Chose "web" arbitrarily.'
    assert events(decide(budget(minAvailable=1), other, pod("a"))) == [("a", "MultiplePodDisruptionBudgets", text)]


def test_the_gate_tells_what_is_missing() -> None:
    (gate,) = decide(budget(minAvailable=2), pod("a"), pod("b")).gates
    assert (gate.name, gate.evidence) == ("DisruptionBudget", "2 healthy, 2 wanted")
    assert decide(budget(minAvailable=1), pod("a"), pod("b")).gates == ()


def test_what_wakes_a_budget() -> None:
    caches = FilledCaches(controller.build())
    assert caches.put(budget(minAvailable=1)) == {key("web")}
    assert caches.put(pod("a")) == {key("web")}
    assert caches.put({**pod("a"), "spec": {"nodeName": "n"}}) == set()
    assert caches.put(pod("a", ready=False)) == {key("web")}
    assert caches.put(pod("a", ready=False, labels={"app": "other"})) == {key("web")}
    assert caches.put(pod("a", ready=False, labels={"app": "another"})) == set()

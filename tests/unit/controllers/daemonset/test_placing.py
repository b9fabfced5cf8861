"""Where daemon pods come and go: nodes that fit, taints, pods that are over, too many on one node."""

from typing import Any

import pytest

from moorage.api import revisiondata, templatehash
from moorage.api.refs import Document
from moorage.api.scheme import DAEMONSETS
from moorage.controllers.daemonset import controller
from moorage.controllers.daemonset import template as templates
from moorage.reconcile.actions import Create, Emit
from tests.fakes.caches import FilledCaches, key
from tests.unit.controllers.daemonset.builders import (
    LABELS,
    actions,
    daemon_set,
    decide,
    deleted,
    going,
    hash_of,
    made_for,
    node,
    pod,
    revision,
    surging,
    template,
)

FIRST = revision("agent:1", 1)
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def _placed(*documents: Document, **spec: Any) -> tuple[list[str], list[str]]:
    """Return (nodes that get a pod, pods that go) for a template with these fields, whose revision is known."""
    made = template(**spec)
    suffix = templatehash.hash_of(made)
    known = {**revision("agent:1", 1, f"agent-{suffix}"), "data": revisiondata.data_of(made)}
    known["metadata"]["labels"]["controller-revision-hash"] = suffix
    plan = decide(daemon_set(made), known, *documents)
    return made_for(plan), deleted(plan)


def test_every_node_gets_one_pod() -> None:
    plan = decide(daemon_set(), FIRST, node("a"), node("b"), node("c"), pod("p", "b"))
    assert made_for(plan) == ["a", "c"]
    assert deleted(plan) == []


def test_the_pod_is_bound_to_its_node_and_bears_what_daemons_bear() -> None:
    annotated = {"annotations": {"deprecated.daemonset.template.generation": "3"}}
    (made,) = actions(decide(daemon_set(metadata=annotated), FIRST, node("a")))
    assert isinstance(made, Create)
    metadata, spec = made.document["metadata"], made.document["spec"]
    assert metadata["generateName"] == "agent-"
    assert metadata["labels"] == {
        **LABELS,
        "controller-revision-hash": hash_of("agent:1"),
        "pod-template-generation": "3",
    }
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}
    assert spec["affinity"] == {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}
    borne = [(one["key"].removeprefix("node.kubernetes.io/"), one["effect"]) for one in spec["tolerations"]]
    assert borne == [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ]
    assert made.on_success is not None
    assert made.on_success.message == "Created pod: {name}"


def test_the_templates_own_affinity_and_tolerations_stay_beside() -> None:
    near = {"podAffinity": {"x": "y"}, "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": ["z"]}}
    limited = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
    spec = {"affinity": near, "hostNetwork": True, "tolerations": [{**limited, "tolerationSeconds": 5}]}
    made_of = template(**spec)
    assert templates.tolerations(made_of["spec"])[0] == limited
    assert templates.tolerations(made_of["spec"])[-1]["key"] == "node.kubernetes.io/network-unavailable"
    assert len(templates.tolerations(made_of["spec"])) == 7


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"nodeSelector": {"disk": "ssd"}}, ["a"]),
        ({"nodeName": "b"}, ["b"]),
        (
            {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "disk", "operator": "DoesNotExist"}]}]}}}},
            ["b", "c"],
        ),
        ({"tolerations": [{"key": "gpu", "operator": "Exists"}]}, ["a", "b", "c", "tainted"]),
        ({}, ["a", "b", "c"]),
    ],
)  # fmt: skip
def test_which_nodes_fit(spec: Document, wanted: list[str]) -> None:
    nodes = (node("a", disk="ssd"), node("b"), node("c"), node("tainted", "gpu:NoSchedule"))
    assert _placed(*nodes, **spec) == (wanted, [])


def test_a_node_that_is_not_well_or_cordoned_gets_its_daemon() -> None:
    taints = ("not-ready:NoExecute", "unreachable:NoExecute", "unschedulable:NoSchedule", "disk-pressure:NoSchedule")
    sick = node("a", *(f"node.kubernetes.io/{taint}" for taint in taints))
    assert made_for(decide(daemon_set(), FIRST, sick)) == ["a"]


def test_a_taint_lets_a_pod_stay_unless_it_says_no_execute() -> None:
    assert deleted(decide(daemon_set(), FIRST, node("a", "gpu:NoSchedule"), pod("p", "a"))) == []
    assert deleted(decide(daemon_set(), FIRST, node("a", "gpu:NoExecute"), pod("p", "a"))) == ["p"]


def test_a_pod_on_a_node_that_no_longer_fits_goes() -> None:
    assert _placed(node("a"), pod("p", "a"), nodeSelector={"disk": "ssd"}) == ([], ["p"])


@pytest.mark.parametrize(
    ("phase", "reason", "text"),
    [
        ("Failed", "FailedDaemonPod", "Found failed daemon pod default/p on node a, will try to kill it"),
        ("Succeeded", "SucceededDaemonPod", "Found succeeded daemon pod default/p on node a, will try to delete it"),
    ],
)
def test_a_pod_that_is_over_is_removed_and_then_replaced(phase: str, reason: str, text: str) -> None:
    plan = decide(daemon_set(), FIRST, node("a"), pod("p", "a", state=phase))
    assert [(one.reason, one.message) for one in actions(plan) if isinstance(one, Emit)] == [(reason, text)]
    assert (deleted(plan), made_for(plan)) == (["p"], [])
    leaving = decide(daemon_set(), FIRST, node("a"), going("p", "a", state=phase))
    assert (deleted(leaving), made_for(leaving)) == ([], ["a"])


def test_a_pod_that_fails_at_once_is_not_replaced_in_a_hot_loop() -> None:
    young = pod("p", "a", state="Failed", creationTimestamp="2026-01-01T00:00:00Z")
    plan = decide(daemon_set(), FIRST, node("a"), young, after=0.4)
    assert (deleted(plan), plan.wake_after) == ([], pytest.approx(0.6))
    assert deleted(decide(daemon_set(), FIRST, node("a"), young, after=1)) == ["p"]


def test_of_several_pods_the_oldest_bound_one_stays() -> None:
    unbound = pod("u", "", creationTimestamp="2025-01-01T00:00:00Z")
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}
    unbound["spec"] = {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}}
    young = pod("y", "a", creationTimestamp="2026-01-01T00:00:00Z")
    assert deleted(decide(daemon_set(), FIRST, node("a"), young, unbound, pod("o", "a"))) == ["y", "u"]


def test_with_surge_a_going_pod_is_replaced_at_once() -> None:
    surge = daemon_set(updateStrategy=surging(1))
    assert made_for(decide(surge, FIRST, node("a"), going("p", "a"))) == ["a"]
    assert made_for(decide(daemon_set(), FIRST, node("a"), going("p", "a"))) == []


def test_an_unbound_pod_for_a_node_that_is_gone_goes() -> None:
    lost = pod("p", "")
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["gone"]}]}
    lost["spec"] = {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}}
    assert deleted(decide(daemon_set(), FIRST, lost)) == ["p"]
    assert deleted(decide(daemon_set(), FIRST, pod("q", "gone"))) == []


def test_a_node_wakes_the_sets_that_think_otherwise_of_it() -> None:
    caches = FilledCaches(controller.build())
    caches.put(daemon_set(template(nodeSelector={"disk": "ssd"})))
    assert caches.put(node("a")) == set()
    assert caches.put(node("a", disk="ssd")) == {key("agent")}
    assert caches.put(node("a", "gpu:NoSchedule", disk="ssd")) == {key("agent")}
    assert caches.put(node("a", "gpu:NoSchedule", "x:PreferNoSchedule", disk="ssd")) == set()
    assert caches.remove(node("a")) == {key("agent")}


def test_a_set_that_is_being_deleted_is_left_alone() -> None:
    caches = FilledCaches(controller.build())
    caches.put(daemon_set(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}), node("a"))
    assert caches.of(DAEMONSETS).get(key("agent")) is not None
    assert caches.decide(key("agent")) is None

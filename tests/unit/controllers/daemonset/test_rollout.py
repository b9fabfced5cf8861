"""Updates of daemon sets: how many nodes at once, with and without companions, by hand; revisions and status."""

import pytest

from moorage.api.refs import Document
from moorage.reconcile.actions import Confirm, Create, Delete, Patch, Update
from moorage.reconcile.plan import Plan
from tests.unit.controllers.daemonset.builders import (
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

OLD, NEW = "agent:1", "agent:2"
KNOWN = (revision(OLD, 1), revision(NEW, 2))
NODES = tuple(node(name) for name in "abcd")


def _update(*pods: Document, **spec: object) -> Plan:
    return decide(daemon_set(template(NEW), **spec), *KNOWN, *NODES, *pods)


def _old(*names: str) -> tuple[Document, ...]:
    return tuple(pod(f"old-{name}", name, OLD) for name in names)


def _status(plan: Plan) -> Document:
    assert plan.status is not None
    found: Document = plan.status.document["status"]
    return found


def test_one_node_at_a_time_by_default() -> None:
    assert deleted(_update(*_old("a", "b", "c", "d"))) == ["old-a"]
    assert deleted(_update(*_old("b", "c", "d"), pod("new-a", "a", NEW, "Pending"))) == []
    assert deleted(_update(*_old("b", "c", "d"), pod("new-a", "a", NEW))) == ["old-b"]
    assert deleted(_update(*_old("b", "c", "d"), going("old-a", "a", OLD))) == []


def test_broken_outdated_pods_go_at_once_and_count_as_missing() -> None:
    broken = pod("old-a", "a", OLD, "Pending")
    assert deleted(_update(broken, *_old("b", "c", "d"))) == ["old-a"]
    both = surging(0, 2)
    assert deleted(_update(broken, *_old("b", "c", "d"), updateStrategy=both)) == ["old-a", "old-b"]


def test_percentages_are_rounded_up() -> None:
    assert deleted(_update(*_old("a", "b", "c", "d"), updateStrategy=surging(0, "30%"))) == ["old-a", "old-b"]


def test_nothing_allowed_means_one() -> None:
    assert deleted(_update(*_old("a", "b", "c", "d"), updateStrategy=surging(0, 0))) == ["old-a"]


def test_by_hand_nothing_goes_and_the_gate_tells_the_command() -> None:
    plan = _update(*_old("a", "b", "c", "d"), updateStrategy={"type": "OnDelete"})
    assert plan.steps == ()
    (gate,) = plan.gates
    assert (gate.name, gate.opens) == ("OnDelete", "kubectl delete pod old-a old-b old-c old-d -n default")


def test_missing_pods_come_before_an_update() -> None:
    plan = _update(*_old("a", "b", "c"))
    assert (made_for(plan), deleted(plan)) == (["d"], [])


def test_with_surge_companions_come_first() -> None:
    surge = surging("50%")
    plan = _update(*_old("a", "b", "c", "d"), updateStrategy=surge)
    assert (made_for(plan), deleted(plan)) == (["a", "b"], [])
    waiting = _update(*_old("a", "b", "c", "d"), pod("new-a", "a", NEW, "Pending"), updateStrategy=surge)
    assert (made_for(waiting), deleted(waiting)) == (["b"], [])


def test_with_surge_an_outdated_pod_goes_once_its_companion_is_available() -> None:
    plan = _update(*_old("a", "b", "c", "d"), pod("new-a", "a", NEW), updateStrategy=surging(1))
    assert deleted(plan) == ["old-a"]


def test_with_surge_a_broken_outdated_pod_gets_its_companion_beyond_the_limit() -> None:
    broken = pod("old-c", "c", OLD, "Pending")
    plan = _update(*_old("a", "b", "d"), broken, updateStrategy=surging(1))
    assert made_for(plan) == ["c", "a"]
    replaced = _update(*_old("a", "b", "d"), broken, pod("new-c", "c", NEW, "Pending"), updateStrategy=surging(1))
    assert deleted(replaced) == ["old-c"]


def test_with_surge_a_node_that_is_given_up_keeps_its_pod_until_others_serve() -> None:
    given_up = node("e", "gpu:NoSchedule")
    pods = (*_old("a", "b", "c"), pod("old-e", "e", OLD))
    ready = decide(daemon_set(template(NEW), updateStrategy=surging(1)), *KNOWN, *NODES, given_up, *pods, *_old("d"))
    assert deleted(ready) == ["old-e"]
    short = (*pods, pod("new-d", "d", NEW, "Pending"))
    assert deleted(decide(daemon_set(template(NEW), updateStrategy=surging(1)), *KNOWN, *NODES, given_up, *short)) == []


def test_minimum_ready_time_holds_the_next_step() -> None:
    young = pod("new-a", "a", NEW)
    young["status"]["conditions"][0]["lastTransitionTime"] = "2026-01-01T00:00:00Z"
    plan = _update(young, *_old("b", "c", "d"), minReadySeconds=10)
    assert deleted(plan) == []
    assert plan.wake_after == pytest.approx(10, abs=0.01)
    assert [gate.name for gate in plan.gates] == ["MaxUnavailableReached", "MinReadySeconds"]


def test_a_new_template_gets_a_revision_first() -> None:
    made = daemon_set(template(NEW), metadata={"annotations": {"why": "because"}})
    (write,) = actions(decide(made, KNOWN[0], *NODES, *_old("a", "b", "c", "d")))
    assert isinstance(write, Create)
    assert write.document["metadata"]["name"] == f"agent-{hash_of(NEW)}"
    assert write.document["metadata"]["labels"] == {"app": "agent", "controller-revision-hash": hash_of(NEW)}
    assert write.document["metadata"]["annotations"] == {"why": "because"}
    assert write.document["revision"] == 2
    assert write.document["data"]["spec"]["template"]["$patch"] == "replace"


def test_going_back_gives_an_earlier_revision_the_next_number() -> None:
    (write,) = actions(decide(daemon_set(), *KNOWN, *NODES))
    assert isinstance(write, Update)
    assert (write.document["metadata"]["name"], write.document["revision"]) == (f"agent-{hash_of(OLD)}", 3)


def test_a_revision_of_the_same_template_twice_is_kept_once() -> None:
    twin = revision(OLD, 4, "agent-twin")
    twin["metadata"]["labels"]["controller-revision-hash"] = "twin"
    writes = actions(decide(daemon_set(), revision(OLD, 3), twin, node("a"), pod("p", "a")))
    assert [type(one) for one in writes] == [Patch, Delete]
    assert writes[0].body == {"metadata": {"labels": {"controller-revision-hash": "twin"}}}
    assert writes[1].key.name == f"agent-{hash_of(OLD)}"


def test_a_name_that_another_template_has_is_counted_as_a_collision() -> None:
    holder = revision(NEW, 1, f"agent-{hash_of(OLD)}")
    holder["metadata"]["ownerReferences"] = [{**holder["metadata"]["ownerReferences"][0], "uid": "other"}]
    plan = decide(daemon_set(status={"numberReady": 1}), holder, node("a"))
    assert plan.steps == ()
    assert _status(plan) == {"numberReady": 1, "collisionCount": 1}


def test_old_revisions_go_unless_pods_carry_them() -> None:
    images = [f"agent:{number}" for number in range(3, 7)]
    history = [revision(image, number) for number, image in enumerate(images, 1)]
    plan = decide(
        daemon_set(template(images[-1]), revisionHistoryLimit=1), *history, node("a"), pod("p", "a", images[0])
    )
    assert [one.key.name for one in plan.cleanup if isinstance(one, Delete)] == [
        f"agent-{hash_of(images[1])}",
        f"agent-{hash_of(images[2])}",
    ]


def test_status_to_the_digit() -> None:
    strange = node("e", "gpu:NoSchedule")
    pods = (pod("new-a", "a", NEW), pod("new-b", "b", NEW, "Pending"), *_old("c"), pod("old-e", "e", OLD))
    plan = decide(daemon_set(template(NEW), status={"collisionCount": 2}), *KNOWN, *NODES, strange, *pods)
    assert _status(plan) == {
        "desiredNumberScheduled": 4,
        "currentNumberScheduled": 3,
        "numberMisscheduled": 1,
        "numberReady": 2,
        "updatedNumberScheduled": 2,
        "numberAvailable": 2,
        "numberUnavailable": 2,
        "observedGeneration": 1,
        "collisionCount": 2,
    }


def test_orphans_are_adopted_and_strangers_released() -> None:
    free = pod("free", "a", ownerReferences=[])
    renamed = pod("renamed", "a", labels={"app": "other"})
    writes = actions(decide(daemon_set(), KNOWN[0], node("a"), free, renamed))
    assert [type(one) for one in writes] == [Confirm, Patch, Patch]
    assert [one.key.name for one in writes] == ["agent", "free", "renamed"]

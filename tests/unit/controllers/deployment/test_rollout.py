"""Rolling and recreating: which replica set changes next, and by how much."""

import pytest

from moorage.api.refs import Document
from moorage.controllers.deployment.situation import fenceposts
from moorage.reconcile.actions import Create, Update
from tests.unit.controllers.deployment.builders import deployment, plan, replicas, sizes
from tests.unit.controllers.replicaset.builders import pod

RECREATE = {"type": "Recreate"}


@pytest.mark.parametrize(
    ("surge", "unavailable", "total", "expected"),
    [
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        ("25%", "25%", 10, (3, 2)),
        (0, "10%", 3, (0, 1)),
        (0, 0, 3, (0, 1)),
        ("100%", 0, 3, (3, 0)),
        (2, 5, 3, (2, 5)),
        ("junk", "junk", 3, (0, 1)),
    ],
)
def test_percentages(surge: int | str, unavailable: int | str, total: int, expected: tuple[int, int]) -> None:
    assert fenceposts(surge, unavailable, total) == expected


@pytest.mark.parametrize(
    ("owner", "old", "new", "expected"),
    [
        # there is room above: the new set grows first
        (deployment(4), replicas("old", 4), replicas("new", 0, revision=2), {"new": 1}),
        # no room above: one old pod may go, since enough stay available
        (deployment(4), replicas("old", 4), replicas("new", 1, 0, revision=2), {"old": 3}),
        # one fewer is available already: the rest waits
        (deployment(4), replicas("old", 3), replicas("new", 2, 0, revision=2), {}),
        # surge 0: an old pod has to go first
        (deployment(3, surge=0, unavailable=1), replicas("old", 3), replicas("new", 0, revision=2), {"old": 2}),
        # the whole surge at once
        (deployment(3, surge=2, unavailable=0), replicas("old", 3), replicas("new", 0, revision=2), {"new": 2}),
        # nothing may be unavailable: wait for new pods
        (deployment(3, surge=2, unavailable=0), replicas("old", 3), replicas("new", 2, 1, revision=2), {"old": 2}),
        # broken old pods do not count against availability
        (deployment(4), replicas("old", 4, 2), replicas("new", 1, 1, revision=2), {"old": 2}),
        # too many new ones: somebody scaled the set by hand
        (deployment(2), replicas("old", 0), replicas("new", 5, revision=2), {"new": 2}),
    ],
)
def test_a_step(owner: Document, old: Document, new: Document, expected: dict[str, int]) -> None:
    assert sizes(plan(owner, old, new)) == expected


def test_broken_and_spare_old_pods_are_reported_one_after_the_other() -> None:
    (write,) = plan(deployment(10), replicas("old", 8, 7), replicas("new", 5, 5, revision=2)).steps
    assert isinstance(write, Update)
    assert isinstance(write.on_success, tuple)
    assert [event.message for event in write.on_success] == [
        "Scaled down replica set app-old from 8 to 7",
        "Scaled down replica set app-old from 7 to 3",
    ]
    assert write.document["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"] == "13"


def test_a_status_of_before_a_scale_down_counts_for_no_more_than_what_stays() -> None:
    stale = replicas("old", 5, 5)
    stale["status"] |= {"availableReplicas": 8, "replicas": 8}
    owner = deployment(5, surge=3, unavailable=2)
    assert sizes(plan(owner, stale, replicas("new", 3, 0, revision=2))) == {"old": 3}


def test_the_oldest_set_shrinks_first() -> None:
    first = replicas("first", 2)
    second = replicas("second", 2, revision=2)
    first["metadata"]["creationTimestamp"] = "2025-01-01T00:00:00Z"
    found = plan(deployment(4, unavailable=2), second, first, replicas("new", 1, 1, revision=3))
    assert sizes(found) == {"first": 0, "second": 1}


def test_recreate_waits_for_the_last_old_pod() -> None:
    owner = deployment(2, strategy=RECREATE)
    assert sizes(plan(owner, replicas("old", 2))) == {"old": 0}
    empty = replicas("old", 0)
    last = pod("p", "Running", ownerReferences=[{"kind": "ReplicaSet", "name": "app-old", "uid": "uid-app-old"}])
    last["metadata"]["ownerReferences"][0]["controller"] = True
    waiting = plan(owner, empty, last)
    assert waiting.steps == ()
    assert [(gate.name, gate.culprit.key.name) for gate in waiting.gates] == [("PodTerminating", "p")]
    finished = {**last, "status": {"phase": "Succeeded"}}
    (made,) = plan(owner, empty, finished).steps
    assert isinstance(made, Create)
    assert made.document["spec"]["replicas"] == 2


def test_recreate_waits_for_what_an_old_set_still_reports() -> None:
    counted = replicas("old", 0)
    counted["status"]["replicas"] = 1
    assert plan(deployment(2, strategy=RECREATE), counted).steps == ()


def test_a_held_rollout_names_the_set_whose_pods_are_awaited() -> None:
    (gate,) = plan(deployment(4), replicas("old", 3), replicas("new", 2, 0, revision=2)).gates
    assert (gate.name, gate.culprit.key.name, gate.evidence) == (
        "MaxUnavailableReached", "app-new", "0 of 2 Pods available",
    )  # fmt: skip
    assert gate.holds == "replace 3 Pods of earlier templates"

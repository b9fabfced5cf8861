"""Which of several possible nodes a pod gets."""

import pytest

from tests.unit.scheduler.cluster import World, node, pod

OWNER = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "uid": "set", "controller": True}]}


def test_the_node_with_more_left_over():
    world = World(node("a"), node("b"))
    world.run(pod("old", requests={"cpu": "2", "memory": "4Gi"}), on="a")
    assert world.where(pod(requests={"cpu": "1", "memory": "2Gi"})) == "b"


def test_pods_without_requests_count_all_the_same():
    world = World(node("a"), node("b"))
    world.run(pod("old"), on="b")
    assert world.where(pod()) == "a"


def test_the_node_whose_resources_are_taken_evenly():
    world = World(
        node("a", allocatable={"cpu": "10", "memory": "10Gi"}), node("b", allocatable={"cpu": "10", "memory": "10Gi"})
    )
    world.run(pod("one", requests={"cpu": "6", "memory": "2Gi"}), on="a")
    world.run(pod("two", requests={"cpu": "4", "memory": "4Gi"}), on="b")
    assert world.where(pod(requests={"cpu": "1", "memory": "1Gi"})) == "b"


def test_pods_of_one_set_are_kept_apart():
    world = World(node("a"), node("b"), node("c"))
    for index, name in enumerate("aab"):
        world.run(pod(f"web-{index}", metadata=OWNER), on=name)
    for index in range(5):
        world.run(pod(f"other-{index}", requests={"cpu": "100m"}), on="c")
    assert world.where(pod("web-3", metadata=OWNER)) == "c"


def test_a_node_with_a_soft_taint_comes_last():
    world = World(node("a", taints=[{"key": "k", "effect": "PreferNoSchedule"}]), node("b"))
    world.run(pod("old", requests={"cpu": "1", "memory": "1Gi"}), on="b")
    assert world.where(pod()) == "b"
    assert world.where(pod(tolerations=[{"operator": "Exists"}])) == "a"


def test_preferred_node_affinity_by_weight():
    def wish(weight, zone):
        expression = {"key": "zone", "operator": "In", "values": [zone]}
        return {"weight": weight, "preference": {"matchExpressions": [expression]}}

    world = World(*(node(zone, labels={"zone": zone}) for zone in "xyz"))
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [wish(10, "y"), wish(20, "z")]}
    assert world.where(pod(affinity={"nodeAffinity": preferred})) == "z"


@pytest.mark.parametrize(("kind", "expected"), [("podAffinity", "b"), ("podAntiAffinity", "a")])
def test_preferred_pod_affinity(kind, expected):
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
    wishes = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}
    world = World(node("a"), node("b"))
    world.run(pod("db-0", metadata={"labels": {"app": "db"}}), on="b")
    assert world.where(pod(affinity={kind: wishes})) == expected


def test_soft_spreading():
    rule = {
        "topologyKey": "zone",
        "maxSkew": 1,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "db"}},
    }
    world = World(node("a", labels={"zone": "x"}), node("b", labels={"zone": "x"}), node("c", labels={"zone": "y"}))
    database = {"labels": {"app": "db"}}
    world.run(pod("db-0", metadata=database), on="a")
    world.run(pod("big", requests={"cpu": "500m"}), on="c")
    assert world.where(pod(metadata=database, topologySpreadConstraints=[rule])) == "c"


@pytest.mark.parametrize(("share", "expected"), [(0.0, "a"), (0.4, "b"), (0.9, "c"), (1.0, "c")])
def test_chance_breaks_ties_and_nothing_else(share, expected):
    world = World(node("c"), node("a"), node("b"))
    assert world.where(pod(), share) == expected
    assert world.where(pod(nodeSelector={"kubernetes.io/hostname": "b"}), share) == "b"


def test_the_same_snapshot_gives_the_same_decision():
    world = World(*(node(name) for name in "abc"))
    assert world.decide(pod(), 0.5) == world.decide(pod(), 0.5)

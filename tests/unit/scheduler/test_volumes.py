"""Pods with claims: bound ones bind the pod to where their volume is, waiting ones wait for the pod."""

import pytest

from moorage.api.scheme import PERSISTENTVOLUMECLAIMS as CLAIMS
from moorage.api.scheme import PERSISTENTVOLUMES as VOLUMES
from moorage.api.scheme import STORAGECLASSES as CLASSES
from moorage.scheduler.volumes import VolumePlan
from tests.unit.scheduler.cluster import World, bound, claim, key, node, pod, storage_class, uses, volume


@pytest.fixture
def world():
    """Two nodes and a class that waits for pods."""
    found = World(node("a"), node("b"))
    found.add(CLASSES, storage_class())
    return found


def test_a_missing_claim(world):
    assert world.decide(pod(volumes=uses("data"))).message == (
        '0/2 nodes are available: persistentvolumeclaim "data" not found. '
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )


def test_the_claim_of_an_ephemeral_volume_is_waited_for_and_must_be_the_pods_own(world):
    newcomer = pod(volumes=[{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}])
    text = 'waiting for ephemeral volume controller to create the persistentvolumeclaim "web-0-scratch"'
    assert world.why_not(newcomer) == f"0/2 nodes are available: {text}."
    world.add(CLAIMS, claim("web-0-scratch"))
    text = "PVC default/web-0-scratch was not created for pod default/web-0 (pod is not owner)"
    assert world.why_not(newcomer) == f"0/2 nodes are available: {text}."


def test_a_claim_being_deleted(world):
    world.add(CLAIMS, claim("data", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}))
    text = '0/2 nodes are available: persistentvolumeclaim "data" is being deleted.'
    assert world.why_not(pod(volumes=uses("data"))) == text


def test_a_claim_that_lost_its_volume(world):
    world.add(CLAIMS, claim("data", spec={"volumeName": "pv"}, phase="Lost"))
    text = '0/2 nodes are available: persistentvolumeclaim "data" bound to non-existent persistentvolume "pv".'
    assert world.why_not(pod(volumes=uses("data"))) == text


@pytest.mark.parametrize("name", ["now", "no-such-class"])
def test_an_unbound_immediate_claim(world, name):
    world.add(CLASSES, storage_class("now", "Immediate"))
    world.add(CLAIMS, claim("data", name))
    text = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    assert world.why_not(pod(volumes=uses("data"))) == text


def test_a_bound_claim_leads_to_its_node(world):
    world.add(VOLUMES, volume("pv", on="b", phase="Bound"))
    world.add(CLAIMS, bound("data", to="pv"))
    assert world.where(pod(volumes=uses("data"))) == "b"


def test_two_claims_on_two_nodes_conflict(world):
    world.add(VOLUMES, volume("pv-a", on="a", phase="Bound"), volume("pv-b", on="b", phase="Bound"))
    world.add(CLAIMS, bound("one", to="pv-a"), bound("two", to="pv-b"))
    text = "0/2 nodes are available: 2 node(s) had volume node affinity conflict."
    assert world.why_not(pod(volumes=uses("one", "two"))) == text


def test_a_bound_claim_whose_volume_is_gone(world):
    world.add(CLAIMS, bound("data", to="pv"))
    text = "0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)."
    assert world.why_not(pod(volumes=uses("data"))) == text


def test_a_waiting_claim_is_made_where_the_pod_goes(world):
    world.add(CLAIMS, claim("data"))
    decision = world.decide(pod(volumes=uses("data"), nodeSelector={"kubernetes.io/hostname": "b"}))
    assert decision.node == "b"
    assert decision.volumes == VolumePlan({}, (key("data"),), (key("data"),))


def test_a_claim_whose_node_was_chosen_stays_there_while_that_node_exists(world):
    world.add(CLAIMS, claim("data", metadata={"annotations": {"volume.kubernetes.io/selected-node": "b"}}))
    assert world.where(pod(volumes=uses("data"))) == "b"
    world.cluster.remove_node("b")
    assert world.where(pod(volumes=uses("data"))) == "a"


def test_an_assumed_claim_counts_as_chosen(world):
    world.add(CLAIMS, claim("data"))
    world.cluster.assume_volumes({}, {key("data"): "b"})
    assert world.where(pod(volumes=uses("data"))) == "b"


def test_a_free_volume_is_taken_before_one_is_made_the_smallest_that_does(world):
    world.add(VOLUMES, volume("large", size="5Gi"), volume("small", size="2Gi"), volume("tiny", size="1Mi"))
    world.add(CLAIMS, claim("data"))
    decision = world.decide(pod(volumes=uses("data")))
    assert decision.volumes == VolumePlan({"small": key("data")}, (), (key("data"),))


def test_two_claims_do_not_take_one_volume(world):
    world.add(VOLUMES, volume("one"), volume("two", size="2Gi"))
    world.add(CLAIMS, claim("x"), claim("y", size="1025Mi"), claim("z"))
    decision = world.decide(pod(volumes=uses("y", "x")))
    assert decision.volumes.bind == {"one": key("x"), "two": key("y")}
    decision = world.decide(pod(volumes=uses("x", "z")))
    assert sorted(decision.volumes.bind) == ["one", "two"]


def test_a_volume_assumed_for_another_claim_is_not_free(world):
    world.add(VOLUMES, volume("pv"))
    world.add(CLAIMS, claim("data"))
    world.cluster.assume_volumes({"pv": key("other")}, {})
    assert world.decide(pod(volumes=uses("data"))).volumes.make == (key("data"),)


@pytest.mark.parametrize(
    "spec",
    [
        {"accessModes": ["ReadOnlyMany"]},
        {"volumeMode": "Block"},
        {"storageClassName": "other"},
        {"claimRef": {"namespace": "default", "name": "other"}},
        {"claimRef": {"namespace": "default", "name": "data", "uid": "an older one's"}},
    ],
)
def test_a_volume_that_does_not_suit_is_not_taken(world, spec):
    world.add(VOLUMES, volume("pv", **spec))
    world.add(CLAIMS, claim("data"))
    assert world.decide(pod(volumes=uses("data"))).volumes.make == (key("data"),)


def test_a_volume_kept_for_the_claim_is_taken_even_if_a_smaller_one_is_free(world):
    ref = {"namespace": "default", "name": "data"}
    world.add(VOLUMES, volume("kept", size="9Gi", claimRef=ref), volume("small"))
    world.add(CLAIMS, claim("data"))
    assert world.decide(pod(volumes=uses("data"))).volumes.bind == {"kept": key("data")}


def test_a_claim_with_a_selector_takes_what_it_selects(world):
    fast = volume("fast", size="9Gi")
    fast["metadata"]["labels"] = {"speed": "high"}
    world.add(VOLUMES, fast, volume("slow"))
    world.add(CLAIMS, claim("data", spec={"selector": {"matchLabels": {"speed": "high"}}}))
    assert world.decide(pod(volumes=uses("data"))).volumes.bind == {"fast": key("data")}


def test_a_class_that_makes_nothing_needs_a_volume_that_is_there(world):
    world.add(CLASSES, storage_class("local", provisioner="kubernetes.io/no-provisioner"))
    world.add(CLAIMS, claim("data"))
    text = "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind."
    assert world.why_not(pod(volumes=uses("data"))) == text
    world.add(VOLUMES, volume("pv", on="b"))
    assert world.where(pod(volumes=uses("data"))) == "b"


def test_a_class_may_be_allowed_on_some_nodes_only(world):
    zone = {"matchLabelExpressions": [{"key": "kubernetes.io/hostname", "values": ["b"]}]}
    world.add(CLASSES, storage_class("local", allowedTopologies=[zone]))
    world.add(CLAIMS, claim("data"))
    assert world.where(pod(volumes=uses("data"))) == "b"


def test_a_claim_for_one_pod_is_used_by_one_pod(world):
    world.add(VOLUMES, volume("pv", phase="Bound"))
    world.add(CLAIMS, bound("data", to="pv", accessModes=["ReadWriteOncePod"]))
    newcomer = pod(volumes=uses("data"))
    assert world.where(newcomer) in ("a", "b")
    world.run(pod("old", volumes=uses("data")), on="a")
    reason = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
    assert world.decide(newcomer).message == (
        f"0/2 nodes are available: 2 {reason}. preemption: 0/2 nodes are available: "
        "1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling."
    )

"""How far a pod's volumes are, and what is written for them."""

import pytest

from moorage.api.scheme import NODES, PODS
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS as CLAIMS
from moorage.api.scheme import PERSISTENTVOLUMES as VOLUMES
from moorage.api.views import view
from moorage.scheduler import binding
from moorage.scheduler.snapshot import NodeState
from moorage.scheduler.volumes import VolumePlan
from tests.unit.scheduler.cluster import World, bound, claim, key, node, pod, volume

HERE = NodeState(view(NODES, node("a")))
MAKE = VolumePlan({}, (key("data"),), (key("data"),))
CHOSEN = {"annotations": {"volume.kubernetes.io/selected-node": "a"}}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], 'persistentvolumeclaim "data" not found'),
        ([claim("data", metadata=CHOSEN)], False),
        ([claim("data")], 'provisioning failed for PVC "data"'),
        (
            [claim("data", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})],
            'persistentvolumeclaim "data" is being deleted',
        ),
        ([bound("data", to="pv")], False),
        ([bound("data", to="pv"), volume("pv", on="a")], True),
        ([bound("data", to="pv"), volume("pv", on="b")], 'pv "pv" node affinity doesn\'t match node "a"'),
    ],
)
def test_progress(documents, expected):
    world = World()
    for one in documents:
        world.add(VOLUMES if "capacity" in one["spec"] else CLAIMS, one)
    assert binding.progress(MAKE, HERE, world) == expected


def test_what_is_done_already_is_not_written_again():
    world = World()
    world.add(CLAIMS, claim("data", metadata=CHOSEN))
    assert binding.patches(MAKE, "a", world) == []
    (patch,) = binding.patches(MAKE, "b", world)
    assert patch.body == {"metadata": {"annotations": {"volume.kubernetes.io/selected-node": "b"}}}
    assert (patch.uid, patch.resource_version) == (
        "uid-data",
        world.of(CLAIMS).get(key("data")).document["metadata"]["resourceVersion"],
    )


def test_a_volume_a_person_kept_for_the_claim_gets_the_uid_only():
    world = World()
    ref = {"namespace": "default", "name": "data"}
    world.add(CLAIMS, claim("data"))
    world.add(VOLUMES, volume("kept", claimRef=ref), volume("free"))
    kept, free = binding.patches(VolumePlan({"kept": key("data"), "free": key("data")}), "a", world)
    assert kept.body["spec"]["claimRef"]["uid"] == "uid-data"
    assert "metadata" not in kept.body
    assert free.body["metadata"] == {"annotations": {"pv.kubernetes.io/bound-by-controller": "yes"}}


def test_the_condition_is_written_when_it_says_something_new():
    waiting = pod()
    first = binding.unscheduled(view(PODS, waiting), "full", "now")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "full"}
    assert first.body == {"status": {"conditions": [{**condition, "lastTransitionTime": "now"}]}}
    told = {**waiting, "status": {"phase": "Pending", "conditions": [condition]}}
    assert binding.unscheduled(view(PODS, told), "full", "later") is None
    again = binding.unscheduled(view(PODS, told), "fuller", "later")
    assert again.body == {"status": {"conditions": [{**condition, "message": "fuller"}]}}

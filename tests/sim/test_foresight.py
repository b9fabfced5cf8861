"""What a plan predicts is what happens: 100 random changes of random sets, each foreseen on a copy and then done elsewhere.

In: seeds. Out: the order of steps, predicted and observed. The observed cluster has other latencies, start times and chances.
"""

import copy
from typing import Any

import pytest

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.cli.commands.plan import apply_one
from moorage.cli.manifests import Manifest
from moorage.cli.plan.foresight import foresee
from moorage.cli.plan.steps import Step, told
from moorage.sim.seeds import START, Dice
from moorage.sim.world import Options, World, in_virtual_time

NODES = ("node-0", "node-1")
KEY = ObjectKey("default", "web")
SPECS, PARTS = 100, 10
NOT_COPIED = ("Event", "Lease", "ConfigMap", "Secret", "ClusterRole", "ClusterRoleBinding")


def some_set(dice: Dice) -> Document:
    """Return a random set."""
    claims = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    claims["spec"]["resources"] = {"requests": {"storage": "1Gi"}}
    spec: dict[str, Any] = {
        "replicas": dice.randint(0, 4),
        "serviceName": "web",
        "podManagementPolicy": dice.choice(["OrderedReady", "OrderedReady", "Parallel"]),
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "one"}]}},
        "volumeClaimTemplates": dice.choice([[], [claims]]),
        "persistentVolumeClaimRetentionPolicy": {"whenScaled": dice.choice(["Retain", "Delete"])},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": spec,
    }


def some_change(dice: Dice, before: Document) -> Document:
    """Return the set with one to three things changed."""
    after = copy.deepcopy(before)
    spec = after["spec"]
    container = spec["template"]["spec"]["containers"][0]
    for change in dice.sample(["scale", "image", "partition", "ordinals", "seconds", "labels"], dice.randint(1, 3)):
        match change:
            case "scale":
                spec["replicas"] = dice.randint(0, 5)
            case "image":
                container["image"] = "two"
            case "partition":
                spec["updateStrategy"] = {"rollingUpdate": {"partition": dice.randint(0, 3)}}
            case "ordinals":
                spec["ordinals"] = {"start": dice.randint(0, 2)}
            case "seconds":
                spec["minReadySeconds"] = dice.choice([0, 5, 40])
            case "labels":
                spec["template"]["metadata"]["labels"]["tier"] = "b"
    return after


def manifest(document: Document) -> Manifest:
    return Manifest(scheme.STATEFULSETS, KEY, document, "web.yaml")


def rolled_out(before: Document, seed: int) -> list[Document]:
    """Return the objects of a cluster where the set has come to rest."""

    async def work(world: World) -> None:
        await world.settle(quiet=5.0)
        await apply_one(world.api(), manifest(before))
        assert await world.settle()

    world = in_virtual_time(Options(seed=seed, nodes=NODES), work)
    return [one for one in world.store.documents.values() if one["kind"] not in NOT_COPIED]


def observed(objects: list[Document], after: Document, seed: int) -> list[Step]:
    """Return what the change does in a cluster of its own."""
    found: list[Step] = []

    async def work(world: World) -> None:
        first = len(world.changes)
        await apply_one(world.api(), manifest(after))
        assert await world.settle(quiet=100.0)
        found.extend(told(world.changes[first:], objects, 0.0))

    in_virtual_time(Options(seed=seed, objects=objects, start=START), work)
    return found


def order(steps: list[Step], *, together: bool) -> list[str]:
    """Return what controllers do, in order. What happens together is sorted: all acts of a Parallel set, and claims that the
    garbage collector takes at its leisure."""
    acts = [f"{step.verb} {step.kind} {step.name}" for step in steps if step.verb in ("create", "delete")]
    collected = [act for act in acts if together or act.startswith("delete PersistentVolumeClaim")]
    return [act for act in acts if act not in collected] + sorted(collected)


@pytest.mark.parametrize("part", range(PARTS))
def test_predicted_order_is_observed_order(part: int) -> None:
    for number in range(part * SPECS // PARTS, (part + 1) * SPECS // PARTS):
        dice = Dice(number, "specs")
        before = some_set(dice)
        after = some_change(dice, before)
        objects = rolled_out(before, number)
        predicted = foresee(objects, [manifest(after)], apply_one, START)
        assert predicted.completes, (
            number,
            predicted.refused,
            [one["gates"] for one in predicted.stalls],
            after["spec"],
        )
        together = before["spec"]["podManagementPolicy"] == "Parallel"
        happened = observed(objects, after, number + 1000)
        assert order(predicted.steps, together=together) == order(happened, together=together), f"spec {number}"


def test_a_stall_and_a_refusal_are_foreseen() -> None:
    before = some_set(Dice(0, "specs"))
    before["spec"]["replicas"] = 2
    objects = rolled_out(before, 1)
    greedy = copy.deepcopy(before)
    greedy["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100"}}
    found = foresee(objects, [manifest(greedy)], apply_one, START)
    assert not found.completes
    (stall,) = found.stalls
    assert (stall["state"], stall["gates"][0]["gate"]) == ("Stalled", "ResourcesInsufficient")
    renamed = copy.deepcopy(before)
    renamed["spec"]["serviceName"] = "other"
    found = foresee(objects, [manifest(renamed)], apply_one, START)
    assert not found.completes
    assert not found.steps
    assert "updates to statefulset spec for fields other than" in found.refused[0][1]


def stuck(objects: list[Document], trouble: dict[str, Any]) -> list[Document]:
    """Return the objects with web-1 in trouble."""
    found = []
    for one in objects:
        if (one["kind"], one["metadata"]["name"]) == ("Pod", "web-1"):
            conditions = [
                {**each, "status": "False"} for each in one["status"]["conditions"] if each["type"] == "Ready"
            ]
            statuses = [{**one["status"]["containerStatuses"][0], "ready": False, **trouble}]
            one = {**one, "status": {**one["status"], "conditions": conditions, "containerStatuses": statuses}}
        found.append(one)
    return found


def test_a_pod_that_is_stuck_holds_the_old_manifest_up_too() -> None:
    before = some_set(Dice(0, "specs"))
    before["spec"] |= {"replicas": 2, "podManagementPolicy": "OrderedReady"}
    crashed = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 3}}}
    objects = stuck(rolled_out(before, 1), crashed)
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "two"
    found = foresee(objects, [manifest(after)], apply_one, START)
    assert (found.steps, found.stalls[0]["gates"][0]["gate"]) == ([], "CrashLoop")
    assert found.stalls[0]["gates"][0]["command"] == "kubectl delete pod web-1 -n default"
    assert "since" not in found.stalls[0]["gates"][0]


def test_a_change_is_done_when_its_last_pod_is_available() -> None:
    before = some_set(Dice(0, "specs"))
    before["spec"] |= {"replicas": 1, "minReadySeconds": 40}
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = "two"
    found = foresee(rolled_out(before, 1), [manifest(after)], apply_one, START)
    assert found.completes
    assert found.seconds >= found.steps[-1].at + 39, "times in status are whole seconds"


def test_a_field_that_does_not_exist_is_refused_in_few_words() -> None:
    before = some_set(Dice(0, "specs"))
    objects = rolled_out(before, 1)
    found = foresee(objects, [manifest({**before, "spec": {**before["spec"], "bogus": 1}})], apply_one, START)
    assert found.refused == [("statefulset.apps/web", 'strict decoding error: unknown field "spec.bogus"')]
    assert found.fixed == []


def test_nothing_to_do_is_nothing() -> None:
    before = some_set(Dice(0, "specs"))
    found = foresee(rolled_out(before, 1), [manifest(before)], apply_one, START)
    assert (found.applied, found.steps, found.completes) == ([("statefulset.apps/web", "unchanged")], [], True)

"""The simulated cluster itself: it rolls a set out, repeats itself, and foresees a change of a copied cluster.

In: seeds. Out: equal histories, pods that run.
"""

from typing import Any

import pytest

from moorage.api import meta, scheme
from moorage.api.refs import ObjectKey
from moorage.client.api import Api
from moorage.client.requests import PatchBody
from moorage.sim.loop import Stuck, VirtualLoop, run
from moorage.sim.recording import StateChange
from moorage.sim.seeds import Dice, SimClock
from moorage.sim.world import Options, World, in_virtual_time, play

NODES = ("node-0", "node-1")
SET: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 2,
        "serviceName": "web",
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "one"}]}},
    },
}


async def _create(api: Api) -> None:
    await api.create(scheme.STATEFULSETS, SET)


def _lines(changes: list[StateChange]) -> list[tuple[int, float, str, str]]:
    return [(one.revision, one.instant, one.actor, one.name) for one in changes]


def test_same_seed_same_history() -> None:
    first, second = (play(Options(seed=7, nodes=NODES), _create) for _ in range(2))
    assert _lines(first) == _lines(second)
    assert _lines(first) != _lines(play(Options(seed=8, nodes=NODES), _create))


def test_a_copy_goes_on_where_the_original_stood() -> None:
    async def roll_out(world: World) -> None:
        await world.settle()
        await _create(world.api())
        assert await world.settle()

    original = in_virtual_time(Options(seed=1, nodes=NODES), roll_out)
    copies = [one for one in original.store.documents.values() if one["kind"] not in ("Event", "Lease")]
    uids = {one["metadata"]["uid"] for one in copies if one["kind"] == "Pod"}

    async def scale(api: Api) -> None:
        await api.patch(scheme.STATEFULSETS, ObjectKey("default", "web"), PatchBody({"spec": {"replicas": 1}}))

    changes = play(Options(objects=copies), scale)
    gone = [one for one in changes if one.resource == "pods" and one.after is None]
    assert [one.name for one in gone] == ["default/web-1"]
    assert gone[0].document["metadata"]["uid"] in uids
    assert not [one for one in changes if one.resource == "pods" and one.before is None]


def test_a_pod_that_goes_for_good_runs_its_hook_first() -> None:
    hook = {"moorage.dev/pre-removal-hook": '{"exec":{"command":["leave"]}}'}

    async def scale_down(world: World) -> None:
        await world.api().create(scheme.STATEFULSETS, {**SET, "metadata": {**SET["metadata"], "annotations": hook}})
        assert await world.settle()
        patch = PatchBody({"spec": {"replicas": 1}})
        await world.api().patch(scheme.STATEFULSETS, ObjectKey("default", "web"), patch)
        assert await world.settle()

    world = in_virtual_time(Options(seed=3, nodes=NODES), scale_down)
    (gone,) = [one for one in world.changes if one.resource == "pods" and one.after is None]
    assert gone.name == "default/web-1"
    assert "moorage.dev/RemovalPrepared" in {one["type"] for one in gone.document["status"]["conditions"]}
    assert [meta.name(pod) for pod in world.present("pods")] == ["web-0"]


def _node(name: str, cpu: str) -> dict[str, Any]:
    amounts = {"cpu": cpu, "memory": "8Gi", "ephemeral-storage": "9Gi", "pods": "20"}
    return {
        "kind": "Node",
        "metadata": {"name": name, "uid": f"uid-{name}", "labels": {"kubernetes.io/arch": "arm64"}},
        "status": {"capacity": amounts, "allocatable": amounts, "nodeInfo": {"architecture": "arm64"}},
    }


def test_a_copied_node_stays_what_it_was_and_no_class_is_added() -> None:
    async def ask(world: World) -> None:
        await world.settle()

    world = in_virtual_time(Options(objects=[_node("small", "1500m")]), ask)
    (node,) = world.present("nodes")
    assert node["status"]["nodeInfo"]["kubeletVersion"], "its agent has reported"
    assert node["status"]["allocatable"]["cpu"] == "1500m"
    assert (node["status"]["allocatable"]["memory"], node["status"]["allocatable"]["pods"]) == ("8Gi", "20")
    assert node["metadata"]["labels"]["kubernetes.io/arch"] == "arm64"
    assert world.present("storageclasses") == []


def test_a_pod_waits_for_what_it_mounts() -> None:
    mounted = {
        "volumes": [{"name": "c", "configMap": {"name": "settings"}}],
        "containers": [{"name": "c", "image": "i"}],
    }
    template = {"metadata": {"labels": {"app": "web"}}, "spec": mounted}
    wanted = {**SET, "spec": {**SET["spec"], "replicas": 1, "template": template}}
    seen = []

    async def work(world: World) -> None:
        await world.settle()
        await world.api().create(scheme.STATEFULSETS, wanted)
        await world.settle()
        seen.append([one["status"]["phase"] for one in world.present("pods")])
        await world.api().create(scheme.CONFIGMAPS, {"metadata": {"name": "settings", "namespace": "default"}})
        await world.settle()
        seen.append([one["status"]["phase"] for one in world.present("pods")])

    in_virtual_time(Options(nodes=NODES), work)
    assert seen == [["Pending"], ["Running"]]


def test_a_pod_waits_for_its_environment() -> None:
    container = {"name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "pw"}}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    wanted = {**SET, "spec": {**SET["spec"], "replicas": 1, "template": template}}
    seen = []

    async def work(world: World) -> None:
        await world.settle()
        await world.api().create(scheme.STATEFULSETS, wanted)
        await world.settle()
        seen.append(world.present("pods")[0]["status"]["containerStatuses"][0]["state"])
        await world.api().create(scheme.SECRETS, {"metadata": {"name": "pw", "namespace": "default"}})
        await world.settle()
        seen.append(world.present("pods")[0]["status"]["phase"])

    in_virtual_time(Options(nodes=NODES), work)
    told = {"reason": "CreateContainerConfigError", "message": 'secret "pw" not found'}
    assert seen == [{"waiting": told}, "Running"]


def test_a_copied_pod_that_is_ready_stays_ready() -> None:
    async def roll_out(world: World) -> None:
        await world.settle()
        await _create(world.api())
        assert await world.settle()

    original = in_virtual_time(Options(seed=1, nodes=NODES), roll_out)
    copies = [one for one in original.store.documents.values() if one["kind"] not in ("Event", "Lease")]
    world = in_virtual_time(Options(objects=copies), _settle)
    pods = [one for one in world.changes if one.resource == "pods"]
    assert [one.before for one in pods] == [None, None]


async def _settle(world: World) -> None:
    assert await world.settle()


def test_a_run_in_which_nobody_can_act_ends() -> None:
    loop = VirtualLoop(Dice(0, "order").shuffle)

    async def wait_for_nobody() -> None:
        await loop.create_future()

    with pytest.raises(Stuck):
        loop.run_until_complete(wait_for_nobody())
    loop.close()


def test_time_passes_only_as_far_as_timers_reach() -> None:
    loop = VirtualLoop(Dice(0, "order").shuffle)
    clock = SimClock(loop)
    begun = clock.now()

    async def sleep() -> None:
        await clock.sleep(3600)

    run(sleep(), loop)
    assert (clock.now() - begun).total_seconds() == 3600

"""The simulated cluster itself: it rolls a set out, repeats itself, and foresees a change of a copied cluster.

In: seeds. Out: equal histories, pods that run.
"""

from typing import Any

import pytest

from moorage.api import scheme
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

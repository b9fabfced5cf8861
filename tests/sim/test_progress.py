"""A set that asks for a progress deadline: conditions and events follow a rollout that stalls and is mended, in virtual time."""

import pytest

from moorage.api import scheme
from moorage.api.refs import ObjectKey
from moorage.client.requests import PatchBody
from moorage.sim.pace import BROKEN_IMAGE
from moorage.sim.world import Options, World, in_virtual_time
from moorage.why.stalls import DEADLINE
from tests.sim.stalls import stateful_set

WEB = ObjectKey("default", "web")


def _image(name: str) -> PatchBody:
    return PatchBody({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": name}]}}}})


async def _conditions(world: World) -> dict[str, tuple[str, str]]:
    found = await world.api().get(scheme.STATEFULSETS, WEB)
    return {one["type"]: (one["status"], one["reason"]) for one in found["status"].get("conditions") or ()}


def _events(world: World) -> list[str]:
    about = [one for one in world.present("events") if (one.get("involvedObject") or {}).get("name") == "web"]
    return [one["reason"] for one in about if one["reason"] in ("Stalled", "Progressing")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_conditions_follow_a_rollout(seed: int) -> None:
    async def work(world: World) -> None:
        api = world.api()
        owner = stateful_set()
        await api.create(
            scheme.STATEFULSETS,
            {**owner, "metadata": {"name": "web", "namespace": "default", "annotations": {DEADLINE: "2m"}}},
        )
        await world.clock.sleep(60)
        assert (await _conditions(world))["Stalled"][0] == "False"
        await api.patch(scheme.STATEFULSETS, WEB, _image(BROKEN_IMAGE))
        await world.clock.sleep(8)
        assert (await _conditions(world))["Progressing"] == ("True", "ImagePullFailed")
        await world.clock.sleep(15)
        assert (await _conditions(world))["Stalled"] == ("True", "ImagePullFailed")
        assert _events(world) == ["Stalled"]
        await api.patch(scheme.STATEFULSETS, WEB, _image("app:2"))
        await api.delete(scheme.PODS, ObjectKey("default", "web-1"))
        await world.clock.sleep(60)
        assert (await _conditions(world))["Stalled"][0] == "False"
        assert sorted(_events(world)) == ["Progressing", "Stalled"]
        await api.patch(scheme.STATEFULSETS, WEB, PatchBody({"metadata": {"annotations": {DEADLINE: None}}}))
        await world.clock.sleep(5)
        assert await _conditions(world) == {}
        assert await world.settle(quiet=60)

    in_virtual_time(Options(seed=seed, nodes=("node-0",)), work)

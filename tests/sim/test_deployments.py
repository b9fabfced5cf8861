"""Deployments under bad weather: lost answers, slow and doubled managers, kills; seeds that must all end well."""

from typing import Any

import pytest

from moorage.api import meta, scheme
from moorage.api.refs import ObjectKey
from moorage.client.requests import PatchBody
from moorage.sim.world import Options, World, in_virtual_time

KEY = ObjectKey("default", "app")
WANTED, SURGE = 4, 1
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "app", "namespace": "default"},
    "spec": {
        "replicas": WANTED,
        "selector": {"matchLabels": {"app": "app"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": SURGE, "maxUnavailable": 1}},
        "template": {"metadata": {"labels": {"app": "app"}}, "spec": {"containers": [{"name": "c", "image": "app:0"}]}},
    },
}


def _image(tag: int) -> PatchBody:
    containers = [{"name": "c", "image": f"app:{tag}"}]
    return PatchBody({"spec": {"template": {"spec": {"containers": containers}}}}, "strategic")


def _storm(world: World) -> None:
    weather = world.weather
    weather.latency, weather.lost_requests, weather.lost_answers = 0.2, 0.05, 0.1
    weather.repeated, weather.cuts = 0.1, 0.05


async def _story(world: World) -> None:
    """Three templates in bad weather, with kills of a manager and of the API server in between; then calm."""
    api, dice = world.api(), world.dice("story")
    await api.create(scheme.DEPLOYMENTS, DEPLOYMENT)
    assert await world.settle()
    _storm(world)
    for tag in (1, 2, 3):
        await api.patch(scheme.DEPLOYMENTS, KEY, _image(tag))
        await world.clock.sleep(dice.uniform(0.5, 20))
        victim = world.managers[tag % len(world.managers)]
        await victim.kill()
        await world.clock.sleep(dice.uniform(0.5, 5))
        await victim.start()
        if tag == 2:
            await world.stop_server()
            await world.clock.sleep(dice.uniform(0.5, 10))
            await world.start_server()
    world.weather.heal()
    assert await world.settle(limit=3600)


def _images(world: World) -> list[str]:
    return [pod["spec"]["containers"][0]["image"] for pod in world.present("pods")]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("managers", [1, 2])
def test_rollouts_in_bad_weather_end_well(seed: int, managers: int) -> None:
    worst = [0]

    async def watched(world: World) -> None:
        def count(_change: object) -> None:
            sizes = [int(one["spec"]["replicas"]) for one in world.present("replicasets")]
            worst[0] = max(worst[0], sum(sizes))

        world.store.listeners.append(count)
        await _story(world)

    world = in_virtual_time(Options(seed=seed, nodes=("a", "b"), managers=managers), watched)
    assert world.deaths == []
    assert worst[0] <= WANTED + SURGE
    assert _images(world) == ["app:3"] * WANTED
    (owner,) = world.present("deployments")
    status = owner["status"]
    assert (status["updatedReplicas"], status["replicas"], status["availableReplicas"]) == (WANTED, WANTED, WANTED)
    assert status["observedGeneration"] == meta.generation(owner)
    active = [one for one in world.present("replicasets") if one["spec"]["replicas"]]
    assert [one["status"]["readyReplicas"] for one in active] == [WANTED]

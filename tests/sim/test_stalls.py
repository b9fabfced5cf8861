"""Each of the commonest stalls is explained, with the right gate, culprit and command, within two virtual seconds.

In: `STALLS`, seeds. Out: what `explanations.moorage.dev` says, asked ten times a second from the moment the cause is there;
then once more without any ledger: what is told of pods, claims and Services needs only the API's objects.
"""

from pathlib import Path

import pytest

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.client.api import Api
from moorage.nodeagent.agent import NodeAgent
from moorage.nodeagent.settings import AgentSettings
from moorage.sim.nodes import CAPACITY, made_up_agent
from moorage.sim.seeds import SeededIds
from moorage.sim.world import Options, World, in_virtual_time
from moorage.why.explain import EXPLANATIONS
from moorage.why.table import SET_GATES
from tests.sim.stalls import STALLS, Stall

SECONDS = 2.0
TOLD_BY_OBJECTS = (
    "NameTaken",
    "OnDelete",
    "PartitionHolds",
    "QuotaExceeded",
    "ServiceAccountMissing",
    "ServiceMissing",
)
"""Gates of a set that need no ledger either."""


async def _agents(world: World) -> list[NodeAgent]:
    """Put real agents in the place of the light kubelets."""
    assert world.server is not None
    agents = []
    for number, name in enumerate(world.nodes):
        await world.stop_kubelet(name)
        settings = AgentSettings(
            name, Path("/nonexistent"), f"192.168.0.{number + 1}", CAPACITY, pod_cidr=f"10.42.{number}.0/24"
        )
        agents.append(made_up_agent(settings, world.server, world.clock, SeededIds(world.dice(name))))
        await agents[-1].start()
    await world.clock.sleep(2.0)
    return agents


async def _apply(api: Api, document: Document) -> None:
    resource = next(one for one in scheme.CATALOGUE if one.kind == document["kind"])
    namespaced = {**document["metadata"], **({"namespace": "default"} if resource.namespaced else {})}
    await api.create(resource, {**document, "metadata": namespaced})


async def _cause(world: World, stall: Stall) -> None:
    api = world.api()
    agents = await _agents(world)
    if stall.first is not None:
        await stall.first(api, world.clock)
        await world.clock.sleep(1.0)
    for document in stall.objects:
        await _apply(api, document)
    if stall.act is None:
        return
    await world.clock.sleep(stall.quiet)
    if stall.silent:
        for agent in agents:
            await agent.stop()
        await world.clock.sleep(stall.silent)
    await stall.act(api, world.clock)


def _told(explanation: Document) -> tuple[str, str, str]:
    """Return gate, culprit and command of what is told first."""
    if not explanation["gates"]:
        return "", "", ""
    first = explanation["gates"][0]
    return first["gate"], f"{first['culprit']['kind']} {first['culprit']['name']}", first.get("command", "")


def _right(stall: Stall, told: tuple[str, str, str]) -> bool:
    return told[0] == stall.gate and told[1].startswith(stall.culprit) and stall.command in told[2]


async def _without_ledger(world: World, stall: Stall) -> tuple[str, str, str]:
    """Ask again where no controller, and so no ledger, is in the server's process."""
    for manager in world.managers:
        await manager.kill()
    return _told(await world.api().get(EXPLANATIONS, ObjectKey("default", stall.subject)))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("stall", STALLS, ids=lambda one: one.name.replace(" ", "-"))
def test_stall(stall: Stall, seed: int) -> None:
    seen: list[tuple[float, tuple[str, str, str]]] = []
    alone: list[tuple[str, str, str]] = []

    async def work(world: World) -> None:
        await _cause(world, stall)
        begun = world.clock.monotonic()
        while world.clock.monotonic() - begun <= SECONDS:
            found = await world.api().find(EXPLANATIONS, ObjectKey("default", stall.subject))
            told = _told(found) if found else ("", "", "")
            seen.append((world.clock.monotonic() - begun, told))
            if _right(stall, told):
                alone.append(await _without_ledger(world, stall))
                return
            await world.clock.sleep(0.1)

    nodes = tuple(f"node-{number}" for number in range(stall.nodes))
    in_virtual_time(Options(seed=seed, nodes=nodes), work)
    assert _right(stall, seen[-1][1]), seen[-1]
    if stall.gate not in SET_GATES or stall.gate in TOLD_BY_OBJECTS:
        assert alone[0][:2] == seen[-1][1][:2]
        assert stall.command in alone[0][2]

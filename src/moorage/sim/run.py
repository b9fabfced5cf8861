"""One run: a scenario played, healed, and judged.

In: a `Scenario`. Out: `Verdict`. Order: start, create the set, let users and faults act, heal, demand quiet, look back.
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass

from moorage.base.tasks import Tasks
from moorage.sim.actions import ACTIONS, create_set, give_up_claims
from moorage.sim.checkers.base import Violation
from moorage.sim.checkers.lv3 import Outcome, outcome
from moorage.sim.checkers.panel import Panel
from moorage.sim.manager import Carrier, Controllers, unchanged
from moorage.sim.recording import StateChange
from moorage.sim.scenario import FAULTY_SECONDS, Scenario, Step, threads
from moorage.sim.world import Options, World, in_virtual_time

SETTLE_SECONDS = 3600.0
"""By when everything must be quiet after the faults have ended: longer than every back-off and toleration."""
_USERS_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is wrong on purpose. Args: as in `world.Options`."""

    controllers: Controllers = unchanged
    carrier: Carrier = unchanged


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run.

    Args:
        violations: laws that were broken, in order.
        changes: everything that was written.
        outcome: what was left.
        seconds: virtual time.
    """

    violations: tuple[Violation, ...]
    changes: tuple[StateChange, ...]
    outcome: Outcome
    seconds: float

    @property
    def transitions(self) -> int:
        """How many writes of pods there were."""
        return sum(change.resource == "pods" for change in self.changes)


def play_scenario(scenario: Scenario, mutation: Mutation = Mutation(), expected: Outcome | None = None) -> Verdict:
    """Play a scenario and judge it.

    Args:
        scenario: what happens.
        mutation: what is wrong on purpose.
        expected: what a run without faults left; compared where given.
    """
    panels: list[Panel] = []
    settled = False

    async def work(world: World) -> None:
        nonlocal settled
        world.expected = expected
        panels.append(Panel(world, scenario.shape))
        world.begun = world.clock.monotonic()
        await create_set(world, scenario.shape, {})
        tasks = Tasks("scenario", world.died)
        for name, steps in threads(scenario):
            tasks.start(name, _act(world, scenario, steps))
        await world.clock.sleep(FAULTY_SECONDS)
        await _finish(world, tasks)
        settled = await world.settle(quiet=60, limit=SETTLE_SECONDS)
        if settled and await give_up_claims(world):
            settled = await world.settle(quiet=60, limit=SETTLE_SECONDS)
        if scenario.skew > 0:
            await world.clock.sleep(scenario.skew)
            settled = settled and await world.settle(quiet=60, limit=SETTLE_SECONDS)
        gc.collect(0)  # an exception that nobody asked for is told when its task goes; all of this run is young
        panels[0].end(settled=settled)

    options = Options(
        scenario.seed,
        scenario.shape.nodes,
        scenario.shape.managers,
        controllers=mutation.controllers,
        carrier=mutation.carrier,
    )
    # When garbage is looked for would depend on what this process did before, and cost a tenth of the time.
    gc.disable()
    try:
        world = in_virtual_time(options, work)
    finally:
        gc.enable()
    return Verdict(tuple(panels[0].violations), tuple(world.changes), outcome(world), world.clock.monotonic())


def judge(scenario: Scenario, mutation: Mutation = Mutation()) -> Verdict:
    """Play a scenario and judge it, where that makes sense against the outcome of the same without faults (LV3).

    Args:
        scenario: what happens.
        mutation: what is wrong on purpose.
    """
    calm = play_scenario(scenario.without_faults()).outcome if scenario.comparable else None
    return play_scenario(scenario, mutation, calm)


async def _act(world: World, scenario: Scenario, steps: Sequence[Step]) -> None:
    """Do steps one after another, none before its time."""
    for step in steps:
        await world.clock.sleep(world.begun + step.at - world.clock.monotonic())
        await ACTIONS[step.action](world, scenario.shape, step.args)


async def _finish(world: World, tasks: Tasks) -> None:
    """Heal, and wait until users have got what they insisted on."""
    await world.heal()
    end = world.clock.monotonic() + _USERS_SECONDS
    while len(tasks) and world.clock.monotonic() < end:
        await world.clock.sleep(1.0)
    await tasks.stop()
    await world.heal()

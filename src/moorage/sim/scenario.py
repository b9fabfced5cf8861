"""From a seed to a scenario: what is done and what goes wrong, when; as data, so that parts can be left out.

In: a seed. Out: `Scenario`. Workloads come from `workloads/<name>`, faults from the table here. Next room: `run`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape, draw_shape
from moorage.sim.workloads import WORKLOADS

_STABLE = ("rolling", "draining", "churn")
_LONG = ("lose_node", "drain")
"""What users do beside their other work."""
FAULTY_SECONDS = 240.0
"""How long users act and things go wrong; then everything is healed and progress is demanded."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: `action` of `sim.actions` with `args`, `at` seconds after the start."""

    at: float
    action: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that happens in one run.

    Args:
        seed: what it was drawn from.
        shape: of cluster and set.
        workload: its name.
        steps: in no particular order.
    """

    seed: int
    shape: Shape
    workload: str
    steps: tuple[Step, ...]

    @property
    def skew(self) -> float:
        """Seconds that a wait can last longer than it should, which a clock that was wrong began: for minReadySeconds, say.

        Steps of one machine add up.
        """
        return sum(abs(float(step.args["by"])) for step in self.steps if step.action == "step_clock")

    @property
    def comparable(self) -> bool:
        """Whether faults may not change what is left: no policy or order of events decides about it."""
        plain = self.shape.partition == 0 and not self.shape.on_delete
        remade = any(step.action == "delete_set" for step in self.steps)
        return (
            plain
            and not remade
            and (self.workload in _STABLE or (self.workload == "scaling" and not self.shape.volumes))
        )

    def only(self, kept: Collection[int]) -> "Scenario":
        """Return the scenario with only those steps, by index."""
        return replace(self, steps=tuple(step for index, step in enumerate(self.steps) if index in kept))

    def without_faults(self) -> "Scenario":
        """Return the scenario with only what users do."""
        return replace(self, steps=tuple(step for step in self.steps if step.action not in FAULTS))


def threads(scenario: Scenario) -> list[tuple[str, list[Step]]]:
    """Return what happens independently of one another: the user's steps in order, and each fault for itself."""
    steps = sorted(scenario.steps, key=lambda one: one.at)
    user = [step for step in steps if step.action not in FAULTS and step.action not in _LONG]
    alone = [step for step in steps if step.action in FAULTS or step.action in _LONG]
    return [("user", user), *((f"{index} {step.action}", [step]) for index, step in enumerate(alone))]


def draw(seed: int) -> Scenario:
    """Return the scenario of a seed."""
    dice = Dice(seed, "scenario")
    workload = WORKLOADS[seed % len(WORKLOADS)]
    shape = draw_shape(dice)
    steps = [Step(*one) for one in workload.steps(dice, shape)]
    for _ in range(dice.randrange(7)):
        action = dice.choice(tuple(FAULTS))
        steps.append(Step(round(dice.uniform(0, FAULTY_SECONDS * 0.8), 2), action, FAULTS[action](dice, shape)))
    return Scenario(seed, shape, workload.NAME, tuple(steps))


def _seconds(dice: Dice) -> float:
    return round(dice.choice((1.0, 10.0, 60.0, 120.0)) * dice.uniform(0.5, 1.0), 2)


def _node(dice: Dice, shape: Shape) -> dict[str, Any]:
    return {"node": dice.choice(shape.nodes), "seconds": _seconds(dice)}


def _manager(dice: Dice, shape: Shape) -> dict[str, Any]:
    return {"manager": dice.randrange(shape.managers), "seconds": _seconds(dice)}


FAULTS: Mapping[str, Callable[[Dice, Shape], dict[str, Any]]] = {
    "bad_network": lambda dice, _: {
        "latency": dice.choice((0.1, 1.0, 3.0)),
        "requests": dice.choice((0.0, 0.05, 0.2)),
        "answers": dice.choice((0.0, 0.05, 0.2)),
        "repeated": dice.choice((0.0, 0.1)),
        "cuts": dice.choice((0.0, 0.05)),
        "seconds": _seconds(dice),
    },
    "partition_node": _node,
    "partition_manager": _manager,
    "stale_watches": lambda dice, shape: {**_manager(dice, shape), "of": dice.choice(("", "/pods", "/statefulsets"))},
    "stale_node": _node,
    "slow_disk": lambda dice, _: {"delay": dice.choice((0.1, 1.0, 3.0)), "seconds": _seconds(dice)},
    "power_cut": _node,
    "restart_kubelet": _node,
    "kill_manager": _manager,
    "kill_manager_at_write": lambda dice, shape: {**_manager(dice, shape), "writes": dice.randrange(1, 12)},
    "crash_server": lambda dice, _: {"seconds": _seconds(dice) / 4},
    "step_clock": lambda dice, shape: {
        "machine": dice.choice((*shape.nodes, "manager-0")),
        # The large step is longer than every wait of the product (the longest is 600 s); a run waits as long for its effects.
        "by": dice.choice((-900.0, -5.0, 5.0, 900.0)),
    },
    "compact": lambda _dice, _shape: {},
    "crash_container": lambda dice, _: {"ordinal": dice.randrange(3)},
}
"""What goes wrong, with arguments drawn anew each time."""

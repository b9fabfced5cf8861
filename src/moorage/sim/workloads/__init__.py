"""What users do to a set: one file a workload, each with its `NAME` and the steps it draws.

In: dice, the shape of the run. Out: steps as (seconds, action, arguments); the actions are those of `sim.actions`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape
from moorage.sim.workloads import churn, draining, edits, nodeloss, retention, rolling, scaling

Drawn = tuple[float, str, Mapping[str, Any]]


class Workload(Protocol):
    """One file of this room."""

    NAME: str

    def steps(self, dice: Dice, shape: Shape) -> Iterable[Drawn]:
        """Return what users do."""
        ...


WORKLOADS: tuple[Workload, ...] = (rolling, scaling, draining, churn, nodeloss, retention, edits)

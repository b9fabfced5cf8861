"""Draining: nodes are cordoned, their pods evicted, and the nodes given back."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "draining"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    for node in dice.sample(shape.nodes, min(len(shape.nodes), 2)):
        at = dice.uniform(10, 90)
        yield at, "drain", {"node": node}
        yield at + dice.uniform(5, 60), "uncordon", {"node": node}

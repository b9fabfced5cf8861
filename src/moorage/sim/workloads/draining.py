"""Draining: nodes are cordoned, their pods evicted as a budget allows, and the nodes given back."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "draining"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    if dice.happens(0.6):
        yield 1.0, "create_budget", {"unavailable": dice.choice((0, 1, 1, 2))}
        yield 200.0, "delete_budget", {}
    for node in dice.sample(shape.nodes, min(len(shape.nodes), 2)):
        at = dice.uniform(10, 90)
        yield at, "drain", {"node": node, "seconds": dice.uniform(5, 60)}

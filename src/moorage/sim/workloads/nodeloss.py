"""Node loss: a machine loses its power for good, its Node is deleted by a person who knows, and the set lives on without it."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "node-loss"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    at = dice.uniform(10, 90)
    if len(shape.nodes) > 1:
        yield at, "lose_node", {"node": dice.choice(shape.nodes), "known_after": dice.uniform(1, 100)}
    yield at + dice.uniform(0, 30), "scale", {"replicas": dice.randrange(1, 5)}

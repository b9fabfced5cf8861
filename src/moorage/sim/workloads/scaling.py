"""Scaling: the number of replicas changes several times, at times while the last change is still under way."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "scaling"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    at = 0.0
    for _ in range(dice.randrange(2, 6)):
        at += dice.choice((1.0, 5.0, 45.0)) * dice.uniform(0.5, 1.0)
        yield at, "scale", {"replicas": dice.randrange(0, 6)}

"""Churn: users delete pods, and at times the set itself, which is then made again."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "churn"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    for _ in range(dice.randrange(1, 6)):
        yield dice.uniform(5, 150), "delete_pod", {"ordinal": shape.start + dice.randrange(max(1, shape.replicas))}
    if dice.happens(0.4):
        at = dice.uniform(20, 100)
        policy = dice.choice(("Background", "Foreground", "Orphan"))
        yield at, "delete_set", {"propagation": policy}
        yield at + dice.uniform(1, 60), "create_set", {}

"""Retention changes: the claims' policy changes between scalings and deletions of the set."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "retention"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    at = 5.0
    for _ in range(3):
        at += dice.uniform(1, 40)
        policies = {"deleted": dice.choice(("Retain", "Delete")), "scaled": dice.choice(("Retain", "Delete"))}
        yield at, "set_retention", policies
        yield at + dice.uniform(0, 20), "scale", {"replicas": dice.randrange(0, 5)}
    if dice.happens(0.3):
        yield at + 25, "delete_set", {"propagation": "Background"}
        yield at + 25 + dice.uniform(1, 40), "create_set", {}

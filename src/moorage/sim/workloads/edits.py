"""Template edits: a template that cannot run comes first, a good one after it; partition and strategy change in between."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.pace import BROKEN_IMAGE
from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "edits"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    at = dice.uniform(5, 60)
    yield at, "set_image", {"image": BROKEN_IMAGE}
    at += dice.uniform(1, 60)
    if dice.happens(0.5):
        yield at, "set_partition", {"partition": dice.randrange(3)}
    yield at + 40, "set_image", {"image": "v3"}
    yield 239.0, "remove_broken", {}
    if dice.happens(0.5):
        yield at + dice.uniform(1, 40), "scale", {"replicas": dice.randrange(1, 5)}

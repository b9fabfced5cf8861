"""Rolling: the image changes once or twice, the second time perhaps before the first rollout is done, perhaps back again."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.sim.seeds import Dice
from moorage.sim.shape import Shape

NAME = "rolling"


def steps(dice: Dice, shape: Shape) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    """Return what users do."""
    at = 0.0
    for image in ("v2", dice.choice(("v1", "v3"))):
        at += dice.uniform(5, 90)
        yield at, "set_image", {"image": image}
    if dice.happens(0.5):
        yield at + dice.uniform(5, 60), "set_partition", {"partition": 0}

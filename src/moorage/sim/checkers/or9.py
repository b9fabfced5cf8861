"""OR9: Parallel relaxes OR1 to OR3 only: the rules of updates hold for Parallel sets too."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker


class Check(Checker):
    """Says so where an ordering rule was broken by a Parallel set."""

    def ended(self) -> Iterable[str]:
        broken = sorted((self.scene.broken or set()) & {"OR4", "OR5", "OR6", "OR7", "OR8"})
        if self.scene.shape.parallel and broken:
            yield f"{', '.join(broken)} broken by a Parallel set"

"""ND2: while more than 55% of the nodes are unhealthy, nobody is evicted for a taint: the fault is probably ours."""

from collections.abc import Iterable

from moorage.api import conditions, meta
from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.knowledge import EVICTION_CONTROLLER
from moorage.sim.recording import StateChange

BRAKE = 0.55


class Check(Checker):
    """Looks at every deletion by taint: the brake must have been off at some moment since its decider last looked."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._shares: list[tuple[int, float]] = [(0, 0.0)]

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "nodes":
            others = [one for one in self.scene.world.present("nodes") if meta.name(one) != change.name]
            nodes = [*others, *([change.after] if change.after else [])]
            self._shares.append(
                (change.revision, sum(not conditions.is_true(one, "Ready") for one in nodes) / max(1, len(nodes)))
            )
        if change.resource != "pods" or not self.scene.controller(change, EVICTION_CONTROLLER):
            return
        marked = change.after is None or meta.is_deleting(change.after)
        seen = self.scene.world.knowledge.seen(change.actor, change.name)
        if marked and min(self._since(seen)) > BRAKE:
            yield f"{change.name} is evicted while {min(self._since(seen)):.0%} of the nodes are unhealthy"

    def _since(self, revision: int) -> list[float]:
        """Return each share of unhealthy nodes that held at `revision` or later."""
        newer = [share for written, share in self._shares if written > revision]
        return [next(share for written, share in reversed(self._shares) if written <= revision), *newer]

"""OR2: one decision creates at most one pod (OrderedReady), and none is made before its decider saw its own last write."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Scene
from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import owner_of


class Check(OrderChecker):
    """Counts the creations of each decision."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._last: dict[str, tuple[int, str]] = {}

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is not None and (blind := self.scene.world.knowledge.blind(change.actor, owner_of(change))):
            yield f"{change.actor} decides about {change.name} without having seen its own write r{blind}"
        if act is None or act.why != "create" or act.held(lambda state: state.parallel):
            return
        decision = self.scene.world.knowledge.decision(change.actor, owner_of(change))
        before, name = self._last.get(change.actor, (-1, ""))
        self._last[change.actor] = (decision, change.name)
        if before == decision:
            yield f"one decision creates {name} and {change.name}"

"""OR8: the controller of a set that is going creates and deletes neither pods nor claims."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.recording import StateChange
from moorage.sim.sets import owner_of


class Check(Checker):
    """Looks at what appears and goes."""

    def changed(self, change: StateChange) -> Iterable[str]:
        mine = self.scene.controller(change, STATEFULSET_CONTROLLER)
        if not mine or change.resource not in ("pods", "persistentvolumeclaims"):
            return
        if change.before is not None and change.after is not None:
            return
        owner = owner_of(change) or f"{change.name.partition('/')[0]}/{self.scene.shape.document()['metadata']['name']}"
        seen = self.scene.world.knowledge.seen(change.actor, owner)
        states = self.scene.sets.between(owner, seen, change.revision)
        if all(state.deleting for state in states):
            yield f"{change.actor} writes {change.name} although {owner} is going"

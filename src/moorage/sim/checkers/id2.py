"""ID2: a bound pod disappears only once its processes are gone, or its Node is; by whoever may say so."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange
from moorage.sim.sets import phase


class Check(Checker):
    """Looks at every removal of a pod."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or change.after is not None or change.before is None:
            return
        node = change.before["spec"].get("nodeName")
        if not node or self.scene.present("nodes", node) is None:
            return
        uid = meta.uid(change.before)
        if any(one.uid == uid for one in self.scene.world.fleet.running()):
            yield f"{change.name} is removed by {change.actor} while it runs on {node}"
        elif change.actor != node and phase(change.before) not in ("Succeeded", "Failed"):
            yield f"{change.name} is removed by {change.actor}, not by its node {node}"

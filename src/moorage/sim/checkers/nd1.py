"""ND1: silence is not death: no pod of a silent node is removed while its Node exists."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange
from moorage.sim.sets import phase


class Check(Checker):
    """Looks at every removal of a pod whose node cannot speak."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or change.after is not None or change.before is None:
            return
        world = self.scene.world
        node = change.before["spec"].get("nodeName") or ""
        silent = node in world.weather.partitioned or node not in world.kubelets
        ended = phase(change.before) in ("Succeeded", "Failed")
        if node and silent and not ended and change.actor != node and self.scene.present("nodes", node) is not None:
            yield f"{change.name} is removed by {change.actor} while {node} is silent"

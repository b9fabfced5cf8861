"""ND2: while more than 55% of the nodes are unhealthy, nobody is evicted for a taint: the fault is probably ours."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange

BRAKE = 0.55
EVICTION_CONTROLLER = "taint-eviction-controller"


class Check(Checker):
    """Looks at every deletion by taint."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or not self.scene.controller(change, EVICTION_CONTROLLER):
            return
        marked = change.after is None or meta.is_deleting(change.after)
        nodes = self.scene.world.present("nodes")
        bad = sum(not _is_ready(node) for node in nodes)
        if marked and nodes and bad / len(nodes) > BRAKE:
            yield f"{change.name} is evicted while {bad} of {len(nodes)} nodes are unhealthy"


def _is_ready(node: Document) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)

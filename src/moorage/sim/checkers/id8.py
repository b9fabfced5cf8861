"""ID8: a set's controller acts only on pods that the set owns; no pod has two controllers, and none changes hands directly."""

from collections.abc import Iterable

from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.recording import StateChange


class Check(Checker):
    """Looks at every write of a pod."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods":
            return
        before, after = _controllers(change.before), _controllers(change.after)
        if len(after) > 1:
            yield f"{change.name} has {len(after)} controllers"
        if before and after and before != after:
            yield f"{change.name} changes hands from {before[0]} to {after[0]}"
        if (
            change.before is not None
            and self.scene.controller(change, STATEFULSET_CONTROLLER)
            and not (before or after)
        ):
            yield f"{change.actor} writes {change.name}, which no set owns"


def _controllers(pod: Document | None) -> list[str]:
    owners = (pod or {}).get("metadata", {}).get("ownerReferences") or ()
    return [one["uid"] for one in owners if one.get("controller")]

"""ID7: a pod is bound once; its phase never moves back; its grace period only shrinks."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange
from moorage.sim.sets import phase

_ORDER = {"Pending": 0, "Unknown": 0, "Running": 1, "Succeeded": 2, "Failed": 2}


class Check(Checker):
    """Looks at every update of a pod."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or change.before is None or change.after is None:
            return
        old, new = (side["spec"].get("nodeName") for side in (change.before, change.after))
        if old and old != new:
            yield f"{change.name} moves from {old} to {new}"
        was, now = phase(change.before), phase(change.after)
        if _ORDER[now] < _ORDER[was] or (_ORDER[was] == 2 and now != was):
            yield f"{change.name} goes from {was} to {now}"
        before, after = map(meta.deletion_grace_seconds, (change.before, change.after))
        if before is not None and (after is None or after > before):
            yield f"{change.name} gets a longer grace period: {before} to {after}"

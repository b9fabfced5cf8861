"""ID3: a pod is created only where its name is free; a terminating pod occupies its name until it is gone."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange


class Check(Checker):
    """Looks at every write of a pod."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "pods" or change.before is None or change.after is None:
            return
        if meta.uid(change.before) != meta.uid(change.after):
            yield f"{change.name} became another pod without being removed first"

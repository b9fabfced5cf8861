"""OR5: an update never deletes a pod below the partition; such a pod is made again at the current revision."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import REVISION_LABEL, SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None:
            return
        if act.why == "update" and not act.held(lambda state: act.ordinal >= state.floor):
            yield f"{change.name} is updated below the partition"
        label = meta.labels(act.pod).get(REVISION_LABEL)

        def right(state: SetState) -> bool:
            current = state.status.get("currentRevision")
            return not current or act.ordinal >= state.floor or label == current

        if act.why == "create" and not act.held(right):
            yield f"{change.name} is created below the partition at {label}"

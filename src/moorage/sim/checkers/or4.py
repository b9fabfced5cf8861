"""OR4: an update deletes only an outdated pod, after every pod above it is up to date and available.

A Parallel set deletes outdated pods that are not available in any order (statefulset facts 2, as of #137666).
"""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import REVISION_LABEL, SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "update":
            return
        label = meta.labels(act.pod).get(REVISION_LABEL)

        def in_order(state: SetState) -> bool:
            if label == state.newest:
                return False
            above = [j for j in state.pods if j > act.ordinal and j in state.wanted]
            new = all(meta.labels(state.pods[j]).get(REVISION_LABEL) == state.newest for j in above)
            return new and all(state.available(j, act.now) for j in above)

        def broken(state: SetState) -> bool:
            return state.parallel and not state.available(act.ordinal, act.now)

        if not act.held(in_order) and not act.held(broken):
            yield f"{change.name} is updated out of order"

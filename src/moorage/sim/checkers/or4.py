"""OR4: an update deletes only an outdated pod, after every pod above it is up to date and Ready, within maxUnavailable."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.checkers.sets import REVISION_LABEL, SetState, is_healthy
from moorage.sim.recording import StateChange


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
            above = [state.pods[j] for j in state.pods if j > act.ordinal and j in state.wanted]
            return all(meta.labels(pod).get(REVISION_LABEL) == state.newest and is_healthy(pod) for pod in above)

        if not act.held(in_order) and not act.held(lambda state: state.parallel and not state.healthy(act.ordinal)):
            yield f"{change.name} is updated out of order"

"""OR1: a pod is created only once every pod before it is available and not going (OrderedReady)."""

from collections.abc import Iterable

from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "create":
            return

        def in_order(state: SetState) -> bool:
            return state.parallel or all(state.available(j, act.now) for j in range(state.start, act.ordinal))

        if not act.held(in_order):
            yield f"{change.name} is created before its predecessors are Ready"

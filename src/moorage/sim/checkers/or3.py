"""OR3: scale-down removes the highest pod first, and only while all others in range are available (OrderedReady)."""

from collections.abc import Iterable

from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "scale":
            return

        def in_order(state: SetState) -> bool:
            if state.parallel or act.ordinal < state.start:
                return True
            above = any(j > act.ordinal for j in state.pods)
            return not above and all(state.available(j, act.now) for j in state.wanted)

        if not act.held(in_order):
            yield f"{change.name} is removed out of order"

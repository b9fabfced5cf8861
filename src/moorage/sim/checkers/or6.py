"""OR6: nothing is updated while a pod in range is missing or one outside the range still exists."""

from collections.abc import Iterable

from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.checkers.sets import SetState
from moorage.sim.recording import StateChange


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "update":
            return

        def complete(state: SetState) -> bool:
            return set(state.wanted) == set(state.pods)

        if not act.held(complete):
            yield f"{change.name} is updated while the set is being scaled"

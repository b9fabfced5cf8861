"""OR7: with OnDelete the controller never deletes a pod for its revision."""

from collections.abc import Iterable

from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "update":
            return

        def rolling(state: SetState) -> bool:
            return (state.spec.get("updateStrategy") or {}).get("type") != "OnDelete"

        if not act.held(rolling):
            yield f"{change.name} is updated although the strategy is OnDelete"

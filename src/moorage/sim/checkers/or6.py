"""OR6: nothing is updated while a pod in range is missing or one outside the range still exists.

A Parallel set does not wait, as upstream, until what it deleted outside the range is gone (statefulset facts 1.6, step 9).
"""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.ordering import OrderChecker
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState


class Check(OrderChecker):
    """Looks at what the set's controller does to pods."""

    def changed(self, change: StateChange) -> Iterable[str]:
        act = self.act(change)
        if act is None or act.why != "update":
            return

        def complete(state: SetState) -> bool:
            outside = state.pods.keys() - set(state.wanted)
            waits = any(not (state.parallel and meta.is_deleting(state.pods[one])) for one in outside)
            return not waits and state.pods.keys() >= set(state.wanted)

        if not act.held(complete):
            yield f"{change.name} is updated while the set is being scaled"

"""OR11: observedGeneration never falls; a status counts what existed at some moment since its decider last looked."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.recording import StateChange
from moorage.sim.sets import runs_ready


class Check(Checker):
    """Looks at every status of a set."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource != "statefulsets" or change.before is None or change.after is None:
            return
        before, after = map(meta.observed_generation, (change.before, change.after))
        if after < before:
            yield f"{change.name} goes from generation {before} back to {after}"
        status = change.after.get("status") or {}
        if status == change.before.get("status") or not self.scene.controller(change, STATEFULSET_CONTROLLER):
            return
        seen = self.scene.world.knowledge.seen(change.actor, change.name)
        states = list(self.scene.sets.between(change.name, seen, change.revision))
        for field, counts in (
            ("replicas", [len(state.owned) for state in states]),
            ("readyReplicas", [sum(runs_ready(pod) for pod in state.owned) for state in states]),
        ):
            if not min(counts) <= status.get(field, 0) <= max(counts):
                yield f"{change.name} says {field} {status.get(field, 0)}, seen were {min(counts)} to {max(counts)}"

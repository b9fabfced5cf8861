"""What the ordering rules share: why the set's controller creates or deletes a pod, and what it may have seen.

In: a change, the scene. Out: `Act`, with every state that held between what the decider had seen and its write.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState, ordinal_of, owner_of, phase


@dataclass(frozen=True, slots=True)
class Act:
    """A creation or deletion of a pod by its set's controller.

    Args:
        ordinal: of the pod.
        why: create, scale, replace or update.
        pod: it.
        states: all that the decider may have seen.
        now: the decider's clock, seconds since the epoch.
    """

    ordinal: int
    why: str
    pod: Document
    states: tuple[SetState, ...]
    now: float

    def held(self, condition: Callable[[SetState], bool]) -> bool:
        """Return whether a condition held in some state the decider may have seen."""
        return any(map(condition, self.states))


class OrderChecker(Checker):
    """A law about what the set's controller does to pods: yields from `acted`."""

    def act(self, change: StateChange) -> Act | None:
        """Return what a change is, None where the set's controller did not create or delete a pod."""
        if change.resource != "pods" or not self.scene.controller(change, STATEFULSET_CONTROLLER):
            return None
        going = change.after is None or meta.is_deleting(change.after)
        already = change.before is not None and meta.is_deleting(change.before)
        if change.before is not None and (not going or already):
            return None
        owner = owner_of(change)
        seen = self.scene.world.knowledge.seen(change.actor, owner)
        states = tuple(self.scene.sets.between(owner, seen, change.revision))
        ordinal = ordinal_of(change.name)
        now = self.scene.world.clocks[change.actor.partition("/")[0]].now().timestamp()
        return Act(ordinal, _why(change, ordinal, states), change.document, states, now)


def _why(change: StateChange, ordinal: int, states: tuple[SetState, ...]) -> str:
    if change.before is None:
        return "create"
    if any(ordinal not in state.wanted for state in states):
        return "scale"
    if phase(change.before) in ("Failed", "Succeeded"):
        return "replace"
    return "update"

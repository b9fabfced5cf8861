"""LV1: once faults have ended, every set becomes what its spec says, and stays so."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.pace import BROKEN_IMAGE
from moorage.sim.sets import REVISION_LABEL, SetState


class Check(Checker):
    """Looks at every set in the end."""

    def ended(self) -> Iterable[str]:
        for name in self.scene.sets.names():
            state = self.scene.sets.now(name)
            if not state.deleting and not is_broken(state):
                yield from mismatches(name, state)


def is_broken(state: SetState) -> bool:
    """Return whether a set's template cannot run."""
    return any(one["image"] == BROKEN_IMAGE for one in state.spec["template"]["spec"]["containers"])


def mismatches(name: str, state: SetState) -> Iterable[str]:
    """Yield how a set differs from its spec."""
    if set(state.pods) != set(state.wanted):
        yield f"{name} has pods {sorted(state.pods)}, wanted {list(state.wanted)}"
    for ordinal, pod in state.pods.items():
        if not state.healthy(ordinal):
            yield f"{name}-{ordinal} is not Ready"
        rolling = state.spec["updateStrategy"]["type"] == "RollingUpdate" and ordinal >= state.floor
        if rolling and meta.labels(pod).get(REVISION_LABEL) != state.newest:
            yield f"{name}-{ordinal} is outdated"
    if state.status.get("observedGeneration") != meta.generation(state.document or {}):
        yield f"{name} was not looked at since its last change"
    if state.status.get("readyReplicas", 0) != len(state.pods):
        yield f"{name} says readyReplicas {state.status.get('readyReplicas', 0)} of {len(state.pods)}"

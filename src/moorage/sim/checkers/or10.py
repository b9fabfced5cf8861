"""OR10: revision numbers grow; a revision in use is never removed; currentRevision moves only when all pods match."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.recording import StateChange
from moorage.sim.sets import REVISION_LABEL, SetState, owner_of


class Check(Checker):
    """Looks at every write of a ControllerRevision, and of a set's status."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "controllerrevisions":
            yield from self._revision(change, self.scene.sets.now(owner_of(change)))
        if change.resource == "statefulsets" and change.before is not None and change.after is not None:
            yield from self._status(change)

    def _revision(self, change: StateChange, state: SetState) -> Iterable[str]:
        name = change.name.rpartition("/")[2]
        if change.after is None:
            used = {meta.labels(pod).get(REVISION_LABEL) for pod in state.pods.values()}
            mine = self.scene.controller(change, STATEFULSET_CONTROLLER)
            if mine and name in used | {state.status.get("currentRevision"), state.status.get("updateRevision")}:
                yield f"revision {name} is removed while in use"
            return
        number = change.after["revision"]
        others = [one["revision"] for other, one in state.revisions.items() if other != name]
        if (change.before is None or change.before["revision"] != number) and number in others:
            yield f"revision {name} gets number {number}, which another has"
        if change.before is not None and number < change.before["revision"]:
            yield f"revision {name} goes from {change.before['revision']} back to {number}"

    def _status(self, change: StateChange) -> Iterable[str]:
        before, after = ((side or {}).get("status") or {} for side in (change.before, change.after))
        old, new = before.get("currentRevision"), after.get("currentRevision")
        if not old or old == new:
            return
        seen = self.scene.world.knowledge.seen(change.actor, change.name)
        states = self.scene.sets.between(change.name, seen, change.revision)
        if not any(_all_at(state, new) for state in states):
            yield f"{change.name} moves currentRevision to {new} before all pods match"


def _all_at(state: SetState, revision: str | None) -> bool:
    pods = [state.pods[ordinal] for ordinal in state.wanted if ordinal in state.pods]
    return all(meta.labels(pod).get(REVISION_LABEL) == revision for pod in pods)

"""VO8: a claim that is going is not used for a new pod: its set waits until it is gone."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.knowledge import STATEFULSET_CONTROLLER
from moorage.sim.podreport import claims
from moorage.sim.recording import StateChange
from moorage.sim.sets import owner_of


class Check(Checker):
    """Remembers since which revision each claim is going."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._going: dict[str, int] = {}

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "persistentvolumeclaims":
            if change.after is not None and meta.is_deleting(change.after):
                self._going.setdefault(change.name, change.revision)
            else:
                self._going.pop(change.name, None)
        created = change.resource == "pods" and change.before is None
        if not created or not self.scene.controller(change, STATEFULSET_CONTROLLER):
            return
        seen = self.scene.world.knowledge.seen(change.actor, owner_of(change))
        for claim in claims(change.document):
            since = self._going.get(f"{meta.namespace(change.document)}/{claim}")
            if since is not None and since <= seen:
                yield f"{change.name} is created on claim {claim}, which was going when that was decided"

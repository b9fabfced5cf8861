"""LV6: after a template that cannot run is replaced by a good one, the set converges.

As upstream, an OrderedReady set keeps its broken pod until somebody deletes it (#67250); the scenario's user does.
"""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.checkers.lv1 import is_broken, mismatches
from moorage.sim.recording import StateChange


class Check(Checker):
    """Remembers which sets had a broken template."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._broken: set[str] = set()

    def changed(self, change: StateChange) -> Iterable[str]:
        written = change.resource == "statefulsets" and change.after is not None
        if written and is_broken(self.scene.sets.now(change.name)):
            self._broken.add(change.name)
        return ()

    def ended(self) -> Iterable[str]:
        for name in sorted(self._broken):
            state = self.scene.sets.now(name)
            if not state.deleting and not is_broken(state):
                yield from mismatches(name, state)

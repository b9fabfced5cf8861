"""ID5: a node starts a pod only after it read that the pod is its own and not deleted, and beside no namesake."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.machine import Process
from moorage.sim.recording import StateChange

READ_SECONDS = 10.0
"""How long ago the read before a start may lie: the slowest answer there is."""


class Check(Checker):
    """Remembers when each pod was bound and when it was asked to end."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._bound: dict[str, str] = {}
        self._ending: dict[str, float] = {}

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "pods":
            uid = meta.uid(change.document)
            self._bound[uid] = change.document["spec"].get("nodeName") or ""
            if change.after is None or meta.is_deleting(change.after):
                self._ending.setdefault(uid, change.instant)
        return ()

    def started(self, process: Process) -> Iterable[str]:
        if self._bound.get(process.uid) != process.node:
            yield f"{process.name} starts on {process.node}, bound to {self._bound.get(process.uid) or 'no node'}"
        ending = self._ending.get(process.uid)
        now = self.scene.world.clock.monotonic()
        if ending is not None and now - ending > READ_SECONDS:
            yield f"{process.name} starts on {process.node} {now - ending:.1f}s after it was to end"
        machine = self.scene.world.fleet.machines[process.node]
        if machine.namesake(process.name, process.uid) is not None:
            yield f"{process.name} starts on {process.node} beside a namesake"

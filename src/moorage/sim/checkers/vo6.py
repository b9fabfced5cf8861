"""VO6: successive pods of one berth mount the same volume, unless its claim was deleted in between."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.machine import Process
from moorage.sim.recording import StateChange


class Check(Checker):
    """Remembers what each berth mounted last."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._last: dict[str, tuple[str, ...]] = {}

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "persistentvolumeclaims" and change.after is None:
            for name in [name for name in self._last if change.name.endswith(name.partition("/")[2])]:
                del self._last[name]
        return ()

    def started(self, process: Process) -> Iterable[str]:
        before = self._last.get(process.name, process.volumes)
        self._last[process.name] = process.volumes
        if before != process.volumes:
            yield f"{process.name} mounts {process.volumes} after {before}"

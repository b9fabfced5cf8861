"""VO3: a volume moves to another node only after it was unmounted on the one before, or that Node is gone."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.machine import Process


class Check(Checker):
    """Remembers where each volume was mounted last."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._last: dict[str, str] = {}

    def started(self, process: Process) -> Iterable[str]:
        for volume in process.volumes:
            before = self._last.get(volume, process.node)
            self._last[volume] = process.node
            if before == process.node or self.scene.present("nodes", before) is None:
                continue
            if any(volume in one.volumes for one in self.scene.world.fleet.machines[before].processes.values()):
                yield f"{volume} moves to {process.node} while it is mounted on {before}"

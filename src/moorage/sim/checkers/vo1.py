"""VO1: a volume that one node may mount is mounted on at most one node at any time."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.machine import Process

SINGLE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


class Check(Checker):
    """Looks at all mounts whenever something starts."""

    def started(self, process: Process) -> Iterable[str]:
        for volume in process.volumes:
            found = self.scene.present("persistentvolumes", volume)
            if found is None or not set(found["spec"]["accessModes"]) <= SINGLE_NODE:
                continue
            for other in self.scene.world.fleet.running():
                if volume in other.volumes and other.node != process.node:
                    yield f"{volume} is mounted on {process.node} and {other.node}"

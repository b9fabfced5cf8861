"""VO2: a ReadWriteOncePod volume is mounted by at most one pod; so is every claim of a set, which belongs to one berth."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.machine import Process


class Check(Checker):
    """Looks at all mounts whenever something starts."""

    def started(self, process: Process) -> Iterable[str]:
        for other in self.scene.world.fleet.running():
            shared = set(process.volumes) & set(other.volumes)
            if shared and other.uid != process.uid:
                yield f"{min(shared)} is mounted by {process.uid} and {other.uid}"

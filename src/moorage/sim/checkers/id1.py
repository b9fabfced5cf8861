"""ID1: at no time do two containers of pods with the same name run, anywhere."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker
from moorage.sim.machine import Process


class Check(Checker):
    """Looks at every machine whenever something starts."""

    def started(self, process: Process) -> Iterable[str]:
        for other in self.scene.world.fleet.running():
            if other.name == process.name and (other.node, other.uid) != (process.node, process.uid):
                yield f"{process.name} starts on {process.node} while {other.uid} runs on {other.node}"

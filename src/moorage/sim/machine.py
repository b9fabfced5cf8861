"""What is physically true: which containers run on which machine, and what they have mounted, whatever the API believes.

In: starts and stops by kubelets, power cuts by the scenario. Out: `Fleet`, and a call to its listeners at each start.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Process:
    """One running pod: `name` is `namespace/name`, `volumes` the PersistentVolumes it has mounted."""

    node: str
    name: str
    uid: str
    volumes: tuple[str, ...] = ()


@dataclass(slots=True)
class Machine:
    """One machine.

    Args:
        node: its name.
        powered: whether it runs at all.
        processes: what runs, by pod uid.
        restarts: how often each pod's container was started anew.
    """

    node: str
    powered: bool = True
    processes: dict[str, Process] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)

    def namesake(self, name: str, uid: str) -> Process | None:
        """Return another pod of the same name that still runs here."""
        return next((one for one in self.processes.values() if one.name == name and one.uid != uid), None)


class Fleet:
    """Every machine.

    Args:
        names: of the nodes.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.machines = {name: Machine(name) for name in names}
        self.listeners: list[Callable[[Process], None]] = []
        self.stops: list[Callable[[Process], None]] = []

    def start(self, process: Process) -> None:
        """Run a pod's containers."""
        self.machines[process.node].processes[process.uid] = process
        for listener in self.listeners:
            listener(process)

    def stop(self, node: str, uid: str) -> None:
        """End a pod's containers."""
        ended = self.machines[node].processes.pop(uid, None)
        if ended is not None:
            for listener in self.stops:
                listener(ended)

    def power_off(self, node: str) -> None:
        """Cut the power: everything on the machine ends."""
        machine = self.machines[node]
        machine.powered = False
        for uid in list(machine.processes):
            self.stop(node, uid)
        machine.restarts.clear()

    def running(self) -> list[Process]:
        """Return everything that runs anywhere."""
        return [one for machine in self.machines.values() for one in machine.processes.values()]

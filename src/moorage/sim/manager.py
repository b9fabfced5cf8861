"""One controller manager of a simulated cluster: the real controllers, scheduler and provisioner, killed and started at will.

In: a network, what to run. Out: a process-like thing with `start` and `kill`. Several may run at once (reliability ID9).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.assembly.catalogue import all_controllers
from moorage.assembly.identities import CONTROLLERS
from moorage.assembly.loops import Loops
from moorage.base.metrics import Registry
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.ports import Transport
from moorage.controllers.statefulset.rules import NEWEST
from moorage.provisioners.ports import Backend
from moorage.reconcile.controller import Controller
from moorage.reconcile.ledger import Ledger
from moorage.scheduler.loop import SchedulerLoop
from moorage.sim.faults import Network, Wire
from moorage.sim.seeds import Dice

AGENT = "moorage-controllers"
Controllers = Callable[[Sequence[Controller[Any]]], Sequence[Controller[Any]]]
Carrier = Callable[[Transport], Transport]


def unchanged(value: Any) -> Any:
    """Return what was given: the change of a world without a mutation."""
    return value


@dataclass(frozen=True, slots=True)
class ManagerParts:
    """What a manager is made of; a mutation changes one of the last two.

    Args:
        network: to the API.
        clock: of its machine.
        dice: breaks ties of the scheduler.
        backend: makes volumes.
        controllers: changes the controllers.
        carrier: changes the transport.
    """

    network: Network
    clock: Clock
    dice: Dice
    backend: Backend
    controllers: Controllers = unchanged
    carrier: Carrier = unchanged


class Manager:
    """One manager.

    Args:
        name: of its process; partitions and the history name it.
        parts: see `ManagerParts`.
        died: told of a task that died.
    """

    def __init__(self, name: str, parts: ManagerParts, died: Callable[[str, BaseException], None]) -> None:
        self.name = name
        self._parts = parts
        self._died = died
        self._loops: Loops | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._loops is not None

    @property
    def ledger(self) -> Ledger | None:
        """The plans of its controllers, while it runs."""
        return self._loops.ledger if self._loops else None

    async def start(self) -> None:
        """Start it, unless it runs; returns at once, the caches fill in the background."""
        if self._loops is not None:
            return
        parts = self._parts
        loops = self._loops = Loops(self._api(AGENT), parts.clock, Registry(), Ledger(), self._api, self._died)
        loops.add_controllers(parts.controllers(all_controllers("", parts.clock.now(), NEWEST, loops.ledger.story)))
        loops.add_provisioner(parts.backend)
        scheduler = SchedulerLoop(loops.around, parts.dice)
        loops.tasks.start("start", _start(loops, scheduler))

    async def kill(self) -> None:
        """Kill it wherever it is: every task ends at the await it stands at."""
        loops, self._loops = self._loops, None
        if loops is not None:
            await loops.stop()

    def _api(self, actor: str) -> Api:
        wire = Wire(self._parts.network, self.name, CONTROLLERS, f"{self.name}/{actor}")
        return Api(self._parts.carrier(wire), AGENT)


async def _start(loops: Loops, scheduler: SchedulerLoop) -> None:
    await loops.start()
    scheduler.start()

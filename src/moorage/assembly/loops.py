"""Everything of the control plane that follows the API and writes to it: controllers, scheduler, provisioners, DNS.

In: an `Api` in this process. Out: running loops on shared caches, and the ledger they all write to.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from moorage.base.log import logger
from moorage.base.metrics import Registry
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.informer.shared import SharedCaches
from moorage.provisioners.loop import ProvisionerLoop
from moorage.provisioners.ports import Backend
from moorage.reconcile.controller import Controller
from moorage.reconcile.ledger import Ledger
from moorage.reconcile.loop import Loop, Surroundings

_log = logger("assembly")


class Loops:
    """The loops of one process, started together once all caches are complete.

    Args:
        api: for reads and writes.
        clock: for all waits.
        metrics: takes counts and durations.
        ledger: takes every plan.
        api_of: the `Api` through which the controller of a name writes; the shared one unless given.
        died: told of a task that died; it is logged unless given.
    """

    def __init__(
        self,
        api: Api,
        clock: Clock,
        metrics: Registry,
        ledger: Ledger,
        api_of: Callable[[str], Api] | None = None,
        died: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        self.tasks = Tasks("loops", died or _died)
        self.caches = SharedCaches(api, clock, self.tasks)
        self.ledger = ledger
        self.around = Surroundings(api, self.caches, clock, self.tasks, self.ledger, metrics)
        self._api_of = api_of or (lambda _name: api)
        self._loops: list[Loop | ProvisionerLoop] = []

    def add_controllers(self, controllers: Sequence[Controller[Any]]) -> None:
        """Construct the loop of each controller."""
        self._loops += [
            Loop(controller, replace(self.around, api=self._api_of(controller.name))) for controller in controllers
        ]

    def add_provisioner(self, backend: Backend) -> None:
        """Construct the loop of one provisioner."""
        self._loops.append(ProvisionerLoop(backend, self.around))

    async def start(self) -> None:
        """Fill the caches, then start every loop."""
        await self.caches.start()
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """End all loops; what they were writing is either written or not."""
        await self.tasks.stop()


def _died(name: str, error: BaseException) -> None:
    _log.error("a task died", error, task=name)

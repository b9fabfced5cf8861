"""The one loop that runs every controller: keys → snapshot → decide → apply → ledger.

In: `Controller` values, shared caches, an `Api`. Out: writes, events, ledger entries, metrics.
Equal keys never run together; a key is not decided on a cache older than its own last writes; a failure backs off.
"""

from dataclasses import dataclass
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.base.errors import ApiError, MoorageError
from moorage.base.log import logger
from moorage.base.metrics import Registry
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.informer.cache import Cached
from moorage.informer.reflector import Listener
from moorage.informer.shared import SharedCaches
from moorage.reconcile import apply
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.freshness import Freshness
from moorage.reconcile.ledger import Ledger
from moorage.reconcile.plan import Plan
from moorage.reconcile.queue import WorkQueue
from moorage.reconcile.recorder import EventRecorder

_log = logger("reconcile")
_Entry = Cached[Any] | None
PAUSE_FACTOR = 50
"""A controller that pauses looks at a key no more often than that one look in so many fits: what grows costs no more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every controller of a process shares.

    Args:
        api: for writes.
        caches: for reads; started by whoever made them, after the loops were constructed.
        clock: for back-off, timers and decisions.
        tasks: runs workers and timers.
        ledger: takes every plan.
        metrics: takes counts and durations.
    """

    api: Api
    caches: SharedCaches
    clock: Clock
    tasks: Tasks
    ledger: Ledger
    metrics: Registry


class Loop:
    """Runs one controller.

    Args:
        controller: what to run.
        around: see `Surroundings`.
    """

    def __init__(self, controller: Controller[Any], around: Surroundings) -> None:
        self._controller = controller
        self._around = around
        self.queue = WorkQueue(around.clock, around.tasks)
        self._freshness = Freshness(around.caches, around.caches.follows, self.queue.add)
        self._recorder = EventRecorder(around.api, around.clock, controller.source or controller.name)
        registry = around.metrics
        self._syncs = registry.counter("moorage_reconcile_total", "Decisions carried out, by controller and result.")
        self._seconds = registry.histogram("moorage_reconcile_seconds", "Duration of a decision and its writes.")
        self._depth = registry.gauge("moorage_queue_keys", "Keys that wait, by controller.")
        self._quiet_until: dict[ObjectKey, float] = {}
        self._subscribe()

    def start(self) -> None:
        """Start the workers. The caches must be synced."""
        name = self._controller.name
        self._around.tasks.start(f"{name} events", self._recorder.run())
        for number in range(self._controller.workers):
            self._around.tasks.start(f"{name} {number}", self._work())

    def _subscribe(self) -> None:
        caches = self._around.caches
        controller = self._controller
        resources = [*(trigger.resource for trigger in controller.triggers), *controller.reads]
        resources += [index.resource for index in controller.indexes]
        # Once each, and always in the same order: that of a set would differ from process to process.
        for resource in dict.fromkeys(resources):
            caches.require(resource, [index for index in controller.indexes if index.resource == resource])
            caches.listen_progress(resource, self._freshness.progressed)
        for trigger in controller.triggers:
            caches.listen(trigger.resource, self._listener(trigger), trigger.concerns)

    def _listener(self, trigger: Trigger) -> Listener:
        caches, queue = self._around.caches, self.queue

        def changed(before: _Entry, after: _Entry) -> None:
            try:
                for key in trigger.keys(before, after, caches):
                    queue.add(key)
            except Exception as problem:  # noqa: BLE001  one controller's mistake must not stop the cache for all
                _log.error("trigger failed", problem, controller=self._controller.name, resource=trigger.resource.kind)

        return changed

    async def _work(self) -> None:
        while True:
            key = await self.queue.take()
            self._depth.set(len(self.queue), controller=self._controller.name)
            try:
                await self._sync(key)
            except Exception as problem:  # noqa: BLE001  a mistake about one object must not stop the others
                self._failed(key, problem)
            finally:
                self.queue.done(key)

    async def _sync(self, key: ObjectKey) -> None:
        around, controller = self._around, self._controller
        started = around.clock.monotonic()
        if self._freshness.stale(key) or self._pauses(key, started):
            return
        snapshot = controller.take(key, around.caches)
        if snapshot is None:
            self.queue.forget(key)
            return
        plan = controller.decide(snapshot, around.clock.now())
        judged = around.clock.monotonic() - started
        outcome = await apply.run(plan, around.api, self._recorder)
        self._freshness.wrote(key, outcome.written)
        if controller.pause:
            self._quiet_until[key] = around.clock.monotonic() + max(controller.pause, judged * PAUSE_FACTOR)
        self._note(key, plan, outcome.error)
        self._seconds.observe(around.clock.monotonic() - started, controller=controller.name)
        if outcome.error is not None:
            self._failed(key, outcome.error)
            return
        self._syncs.add(controller=controller.name, result="success")
        self.queue.forget(key)
        if plan.wake_after is not None:
            self.queue.add_after(key, plan.wake_after)

    def _pauses(self, key: ObjectKey, now: float) -> bool:
        """Return whether the last look at `key` is too recent; it is then looked at when the pause is over."""
        until = self._quiet_until.get(key)
        if until is None or until <= now:
            self._quiet_until.pop(key, None)
            return False
        self.queue.add_after(key, until - now)
        return True

    def _note(self, key: ObjectKey, plan: Plan, error: MoorageError | None) -> None:
        where = (self._controller.name, self._controller.resource.kind, key)
        self._around.ledger.record(where, plan, self._around.clock.now(), str(error) if error else "")

    def _failed(self, key: ObjectKey, problem: Exception) -> None:
        wait = self.queue.retry(key)
        name = self._controller.name
        self._syncs.add(controller=name, result="error")
        if isinstance(problem, ApiError) and problem.code == 409:
            _log.debug("conflict, trying again", controller=name, key=key, problem=problem)
        elif isinstance(problem, MoorageError):
            _log.warning("failed, trying again", controller=name, key=key, wait=f"{wait:g}s", problem=problem)
        else:
            _log.error("failed, trying again", problem, controller=name, key=key, wait=f"{wait:g}s")

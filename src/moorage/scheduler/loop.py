"""Runs the scheduler: one pod after another is given its place, then each is bound on its own.

In: pods, nodes, claims and volumes from shared caches. Out: bindings, conditions, events, ledger entries.
A place counts as taken from the moment it is given (`Cluster.assume`), long before the binding is seen.
"""

from typing import Any

import msgspec

from moorage.api.refs import ObjectKey
from moorage.api.scheme import NAMESPACES, NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.api.times import format_time
from moorage.api.views.pod import Pod
from moorage.base.errors import ApiError, MoorageError
from moorage.base.log import logger
from moorage.base.ports import Chance
from moorage.informer.cache import Cached
from moorage.reconcile import apply
from moorage.reconcile.actions import Emit
from moorage.reconcile.loop import Surroundings
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.recorder import EventRecorder
from moorage.scheduler import binding, news
from moorage.scheduler.binder import Binder
from moorage.scheduler.cluster import Cluster
from moorage.scheduler.decide import Refusal, decide
from moorage.scheduler.podfacts import PodFacts, facts_of
from moorage.scheduler.queue import PodQueue
from moorage.scheduler.snapshot import BY_CLASS, NodeState, take
from moorage.scheduler.volumes import VolumePlan

NAME = "default-scheduler"
MAX_VERDICTS = 50
"""Nodes whose verdict the ledger keeps for one pod."""
_log = logger("scheduler")
_Entry = Cached[Any]


class SchedulerLoop:
    """The scheduler of one process. Construct it before the caches start; `start` it once they are synced.

    Args:
        around: API, caches, clock, tasks, ledger and metrics of the process.
        chance: breaks ties between equally good nodes.
    """

    def __init__(self, around: Surroundings, chance: Chance) -> None:
        self._around = around
        self._chance = chance
        self._cluster = Cluster()
        self._queue = PodQueue(around.clock, around.tasks)
        self._recorder = EventRecorder(around.api, around.clock, NAME)
        self._binder = Binder(around, self._recorder)
        self._attempts = around.metrics.counter("moorage_scheduling_total", "Attempts to place a pod, by result.")
        self._seconds = around.metrics.histogram("moorage_scheduling_seconds", "Duration of one placing decision.")
        self._listen()

    def start(self) -> None:
        """Start working."""
        tasks = self._around.tasks
        tasks.start(f"{NAME} events", self._recorder.run())
        tasks.start(f"{NAME} sweep", self._queue.sweep())
        tasks.start(NAME, self._work())

    # --- news ---

    def _listen(self) -> None:
        caches = self._around.caches
        for resource in (PODS, NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES, NAMESPACES):
            caches.require(resource, (BY_CLASS,) if resource == PERSISTENTVOLUMES else ())
        caches.listen(NODES, self._node_changed)
        caches.listen(PODS, self._pod_changed)
        for resource in (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES):
            caches.listen(resource, self._volumes_changed)

    def _node_changed(self, before: _Entry | None, after: _Entry | None) -> None:
        if after is None:
            if before is not None:
                self._cluster.remove_node(before.key.name)
        elif news.node_matters(before.view if before else None, after.view):
            self._cluster.set_node(after.view)
            self._queue.wake()

    def _volumes_changed(self, _before: _Entry | None, _after: _Entry | None) -> None:
        self._binder.volumes_changed()
        self._queue.wake(news.VOLUMES)

    def _pod_changed(self, before: _Entry | None, after: _Entry | None) -> None:
        entry = after or before
        if entry is None:
            return
        if after is None or after.view.finished:
            self._pod_gone(entry.key)
        elif before is None or news.pod_matters(before.view, after.view):
            if after.view.spec.node_name:
                self._pod_placed(after)
            else:
                self._pod_waits(after)

    def _pod_gone(self, key: ObjectKey) -> None:
        self._queue.remove(key)
        self._binder.abandon(key)
        if self._cluster.remove_pod(key):
            self._queue.wake(news.POD_GONE)

    def _pod_placed(self, entry: _Entry) -> None:
        self._queue.remove(entry.key)
        self._cluster.place(_facts(entry), entry.view.spec.node_name)
        self._queue.wake(news.POD_PLACED)

    def _pod_waits(self, entry: _Entry) -> None:
        if not _is_ours(entry.view):
            self._queue.remove(entry.key)
        elif not self._cluster.is_assumed(entry.key):
            self._queue.add(entry.key, _priority(entry.view))

    # --- work ---

    async def _work(self) -> None:
        while True:
            key = await self._queue.take()
            try:
                await self._place(key)
            except Exception as problem:  # noqa: BLE001  a mistake about one pod must not stop the others
                _log.error("pod not placed, trying again", problem, pod=key)
                self._try_again(key)

    async def _place(self, key: ObjectKey) -> None:
        entry = self._around.caches.of(PODS).get(key)
        if entry is None or not _is_ours(entry.view) or self._cluster.is_assumed(key):
            return
        started = self._around.clock.monotonic()
        pod = _facts(entry)
        snapshot = take(pod, self._cluster.nodes, self._cluster.assumed, self._around.caches)
        decision = decide(snapshot, self._chance)
        self._seconds.observe(self._around.clock.monotonic() - started)
        if isinstance(decision, Refusal):
            self._queue.park(key, _priority(entry.view), decision.rules)
            await self._refuse(entry, decision)
            return
        plan = decision.volumes
        self._cluster.assume(pod, decision.node)
        self._cluster.assume_volumes(plan.bind, dict.fromkeys(plan.make, decision.node))
        node = next(one for one in snapshot.nodes if one.name == decision.node)
        self._around.tasks.start(f"bind {key}", self._bind(entry, pod, node, plan))

    async def _refuse(self, entry: _Entry, refusal: Refusal) -> None:
        self._attempts.add(result="unschedulable")
        self._note(entry, refusal.message, refusal.nodes)
        self._recorder.record(Emit(entry.document, "Warning", "FailedScheduling", refusal.message))
        now = format_time(self._around.clock.now())
        patch = binding.unscheduled(entry.view, refusal.message, now)
        if patch is not None:
            outcome = await apply.run(Plan((patch,)), self._around.api, self._recorder)
            if outcome.error is not None:
                _log.info("condition not written", pod=entry.key, problem=outcome.error)

    async def _bind(self, entry: _Entry, pod: PodFacts, node: NodeState, plan: VolumePlan) -> None:
        try:
            await self._binder.bind(pod, node, plan)
        except Exception as problem:  # noqa: BLE001  whatever went wrong, the place must become free again
            self._not_bound(entry, problem)
            return
        finally:
            self._cluster.forget_volumes(plan.bind, dict.fromkeys(plan.make, node.name))
        self._attempts.add(result="scheduled")
        self._note(entry, "")
        message = f"Successfully assigned {entry.key} to {node.name}"
        self._recorder.record(Emit(entry.document, "Normal", "Scheduled", message))

    def _not_bound(self, entry: _Entry, problem: Exception) -> None:
        """Take the assumption back; whether the pod is gone, bound after all, or to be placed again is in the cache."""
        self._attempts.add(result="error")
        present = self._around.caches.of(PODS).get(entry.key)
        if present is None or present.view.metadata.uid != entry.view.metadata.uid:
            return
        self._cluster.forget(entry.key)
        self._queue.wake(news.POD_GONE)
        if not _is_ours(present.view):
            return
        if isinstance(problem, ApiError) and problem.code == 409:
            _log.debug("conflict, trying again", pod=entry.key, problem=problem)
        else:
            self._note(entry, str(problem))
            self._recorder.record(Emit(entry.document, "Warning", "FailedScheduling", str(problem)))
            unexpected = None if isinstance(problem, MoorageError) else problem
            _log.error("pod not bound, trying again", unexpected, pod=entry.key, problem=problem)
        self._try_again(entry.key)

    def _try_again(self, key: ObjectKey) -> None:
        entry = self._around.caches.of(PODS).get(key)
        if entry is not None:
            self._queue.retry(key, _priority(entry.view))

    def _note(self, entry: _Entry, problem: str, nodes: tuple[str, ...] = ()) -> None:
        """Tell the ledger why a pod has no node, or that it has one."""
        culprit = Culprit("Pod", entry.key, entry.view.metadata.uid)
        opens = "make room on a node, or change what the pod asks for"
        gate = Gate("NoNodeFits", f"bind Pod {entry.key.name}", culprit, problem, opens, details=nodes[:MAX_VERDICTS])
        gates = (gate,) if problem else ()
        self._around.ledger.record((NAME, "Pod", entry.key), Plan(gates=gates), self._around.clock.now(), "")


def _is_ours(pod: Pod) -> bool:
    """Return whether the pod waits for us to place it."""
    spec = pod.spec
    free = not spec.node_name and not spec.scheduling_gates and not pod.metadata.deleting and not pod.finished
    return free and spec.scheduler_name == NAME


def _priority(pod: Pod) -> int:
    return pod.spec.priority or 0


def _facts(entry: _Entry) -> PodFacts:
    """Return the facts of a pod; of one whose wishes cannot be read, those it has without them."""
    try:
        return facts_of(entry.view)
    except (ValueError, KeyError, msgspec.ValidationError) as problem:
        _log.error("pod cannot be read whole", pod=entry.key, problem=problem)
        return PodFacts(entry.key, entry.view)

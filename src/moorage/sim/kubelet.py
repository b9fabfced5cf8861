"""A light kubelet: what the kubelet owes the API and the machine, without containers. One a node.

In: pods bound to the node, its `Machine`. Out: running processes, statuses, confirmed deletions. Rules (reliability ID2, ID5):
start only after a live read, never beside a namesake; remove what the API no longer has before anything starts;
a deleted pod is confirmed by its uid only when nothing of it runs. How long that takes and what fails is its `Pace`.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from moorage.api import meta, removal, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.base.backoff import Backoff
from moorage.base.errors import ApiError, Unavailable
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.requests import DeleteOptions, ListOptions, PatchBody
from moorage.informer.cache import Cached
from moorage.informer.shared import SharedCaches
from moorage.nodeagent.heartbeat import Heartbeat
from moorage.nodeagent.settings import AgentSettings
from moorage.sim import podreport
from moorage.sim.machine import Fleet, Machine, Process
from moorage.sim.pace import USUAL, Pace, Range
from moorage.sim.runtime import SimRuntime
from moorage.sim.seeds import Dice, SeededIds

RETRY_SECONDS = (0.2, 10.0)
_GONE = ("NotFound", "Conflict")


@dataclass(frozen=True, slots=True)
class KubeletParts:
    """What a kubelet works with.

    Args:
        api: with the node's credential.
        fleet: the machines.
        clock: of this machine.
        dice: how long things take here.
        on_failure: told of a task that died.
        pace: how fast this node is.
    """

    api: Api
    fleet: Fleet
    clock: Clock
    dice: Dice
    on_failure: Any
    pace: Pace = USUAL


class Kubelet:
    """One node's agent; `stop` is a crash of the agent alone: what runs goes on running.

    Args:
        settings: what it says of its node.
        parts: see `KubeletParts`.
    """

    def __init__(self, settings: AgentSettings, parts: KubeletParts) -> None:
        self.node = settings.node_name
        self._parts = parts
        self._tasks = Tasks(self.node, parts.on_failure)
        self._caches = SharedCaches(parts.api, parts.clock, self._tasks)
        self._workers: dict[str, _PodWorker] = {}
        runtime = SimRuntime(parts.clock, SeededIds(parts.dice), settings.pod_cidr)
        self._heartbeat = Heartbeat(parts.api, runtime, settings, parts.clock, lambda: "")

    @property
    def machine(self) -> Machine:
        """The machine below."""
        return self._parts.fleet.machines[self.node]

    def start(self) -> None:
        """Start the agent."""
        self._tasks.start("agent", self._run())

    async def stop(self) -> None:
        """Kill the agent."""
        await self._tasks.stop()

    def crash(self, uid: str) -> None:
        """Let a pod's container crash and be started anew."""
        if uid in self._workers:
            self._workers[uid].crash()

    async def _run(self) -> None:
        await self._heartbeat.register()
        self._caches.require(scheme.PODS, selected=ListOptions(fields=f"spec.nodeName={self.node}"))
        await self._caches.start()
        known = {entry.view.metadata.uid for entry in self._caches.of(scheme.PODS)}
        for uid in [uid for uid in self.machine.processes if uid not in known]:
            self._parts.fleet.stop(self.node, uid)
        self._caches.listen(scheme.PODS, self._changed)
        await self._heartbeat.run()

    def _changed(self, before: Cached[Any] | None, after: Cached[Any] | None) -> None:
        if before is not None and (after is None or after.view.metadata.uid != before.view.metadata.uid):
            worker = self._workers.pop(before.view.metadata.uid, None)
            if worker is not None:
                worker.tell(None)
        if after is None:
            return
        uid = after.view.metadata.uid
        worker = self._workers.get(uid)
        if worker is None:
            worker = self._workers[uid] = _PodWorker(self, self._parts, after.document)
            self._tasks.start(f"pod {after.key}", worker.run())
        else:
            worker.tell(after.document)


class _PodWorker:
    """The life of one pod on this node."""

    def __init__(self, kubelet: Kubelet, parts: KubeletParts, pod: Document) -> None:
        self._node = kubelet.node
        self._machine = kubelet.machine
        self._parts = parts
        self._pod: Document | None = pod
        self._key = ObjectKey(meta.namespace(pod), meta.name(pod))
        self._uid = meta.uid(pod)
        self._news = asyncio.Event()
        self._last = pod
        self._written = 0

    def tell(self, pod: Document | None) -> None:
        """Take the newest form of the pod, None once it is gone."""
        self._pod = pod
        self._last = pod or self._last
        self._news.set()

    async def run(self) -> None:
        """Live from binding to removal."""
        if podreport.finished(self._last) or self._parts.pace.stuck(self._last):
            await self._until_ending()
        elif await self._started():
            await self._serve()
        await self._end()

    @property
    def _ending(self) -> bool:
        return self._pod is None or meta.is_deleting(self._pod)

    async def _until_ending(self) -> None:
        while not self._ending:
            self._news.clear()
            await self._news.wait()

    async def _pause(self, seconds: Range) -> None:
        await self._parts.clock.sleep(self._parts.dice.uniform(*seconds))

    async def _started(self) -> bool:
        """Start the pod; False where it ends before. A pod that runs already is taken over."""
        backoff = Backoff(*RETRY_SECONDS)
        while not self._ending:
            if self._uid in self._machine.processes:
                return True
            try:
                if await self._try_start():
                    return True
            except (ApiError, Unavailable):
                pass
            await self._parts.clock.sleep(backoff.failed("start"))
        return False

    async def _try_start(self) -> bool:
        if self._machine.namesake(str(self._key), self._uid) is not None:
            return False
        await self._pause(self._parts.pace.start(self._last))
        volumes = await self._volumes()
        live = await self._parts.api.find(scheme.PODS, self._key)
        if volumes is None or live is None or not podreport.may_start(live, self._uid, self._node):
            return False
        if self._ending or self._machine.namesake(str(self._key), self._uid) is not None:
            return False
        reason, message = await self._failure()
        if reason:
            await self._report(podreport.waiting(self._last, self._parts.clock.now(), reason, message))
            return False
        self._parts.fleet.start(Process(self._node, str(self._key), self._uid, volumes))
        return True

    async def _failure(self) -> tuple[str, str]:
        """Return why containers wait and what is said about it; "" where nothing keeps them."""
        for resource, name in podreport.value_references(self._last):
            if await self._parts.api.find(resource, ObjectKey(self._key.namespace, name)) is None:
                return "CreateContainerConfigError", f'{resource.singular} "{name}" not found'
        return self._parts.pace.failure(self._last), ""

    async def _volumes(self) -> tuple[str, ...] | None:
        """Return the volumes of the pod's claims, None while one is not bound or something else to mount is missing."""
        for resource, name in podreport.references(self._last):
            if await self._parts.api.find(resource, ObjectKey(self._key.namespace, name)) is None:
                return None
        found: list[str] = []
        for name in podreport.claims(self._last):
            claim = await self._parts.api.find(scheme.PERSISTENTVOLUMECLAIMS, ObjectKey(self._key.namespace, name))
            if claim is None or (claim.get("status") or {}).get("phase") != "Bound":
                return None
            found.append(claim["spec"]["volumeName"])
        return tuple(found)

    async def _serve(self) -> None:
        """Report running, then ready, again after each crash of its container, until the pod ends."""
        while not self._ending:
            restarts = self._machine.restarts.get(self._uid, 0)
            if not (podreport.says_ready(self._last) and podreport.restarts(self._last) == restarts):
                await self._report(podreport.running(self._last, self._parts.clock.now(), restarts, ready=False))
                await self._pause(self._parts.pace.ready(self._last))
                await self._report(podreport.running(self._last, self._parts.clock.now(), restarts, ready=True))
            while not self._ending and self._machine.restarts.get(self._uid, 0) == restarts:
                self._news.clear()
                await self._prepare()
                # Before waiting: it may have been contradicted while the last report was under way.
                if not self._ending and self._contradicted():
                    await self._report(podreport.running(self._last, self._parts.clock.now(), restarts, ready=True))
                await self._news.wait()

    async def _prepare(self) -> None:
        """Let the pre-removal hook succeed that the pod is asked to run."""
        request = removal.request_of(self._last)
        if request is not None and not removal.is_prepared(self._last, request):
            await self._pause(self._parts.pace.ready(self._last))
            await self._report(podreport.prepared(request, self._parts.clock.now()))

    def _contradicted(self) -> bool:
        """Return whether somebody else (the node controller) wrote that the pod is not Ready, after we said that it is."""
        return int(meta.resource_version(self._last)) > self._written and not podreport.says_ready(self._last)

    def crash(self) -> None:
        """Let the container crash and be started anew."""
        self._machine.restarts[self._uid] = self._machine.restarts.get(self._uid, 0) + 1
        self._news.set()

    async def _end(self) -> None:
        """Stop what runs within the grace period, say so, and confirm by uid."""
        if self._uid in self._machine.processes:
            if self._pod is not None:
                await self._pause(self._parts.pace.stop(self._last))
            self._parts.fleet.stop(self._node, self._uid)
        if self._pod is None:
            return
        await self._report(podreport.ended(self._last, self._parts.clock.now()))
        await self._insist(self._confirm)

    async def _confirm(self) -> None:
        await self._parts.api.delete(scheme.PODS, self._key, DeleteOptions(self._uid, grace_seconds=0))

    async def _report(self, status: Document) -> None:
        patch = PatchBody({"metadata": {"uid": self._uid}, "status": status}, "strategic", "status")

        async def write() -> None:
            self._written = int(meta.resource_version(await self._parts.api.patch(scheme.PODS, self._key, patch)))

        await self._insist(write)

    async def _insist(self, work: Any) -> None:
        """Do `work` until it succeeded, or the pod is gone."""
        backoff = Backoff(*RETRY_SECONDS)
        while True:
            try:
                await work()
                return
            except ApiError as problem:
                if problem.reason in _GONE:
                    return
            except Unavailable:
                pass
            await self._parts.clock.sleep(backoff.failed("write"))

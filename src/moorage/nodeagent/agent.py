"""One node agent: a worker a pod, fed by the API's watch and the runtime's events.

In: an `Api` with the node's credential, a `Runtime`, ports. Out: `NodeAgent` with `start` and `stop`; the assembly runs it.
Stopping the agent stops nothing of what the pods run.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from moorage.api import meta, scheme
from moorage.base.log import logger
from moorage.base.ports import Clock, Ids
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.requests import ListOptions
from moorage.informer.cache import Cached
from moorage.informer.shared import SharedCaches
from moorage.nodeagent import marks, node, podspec
from moorage.nodeagent.admit import admit
from moorage.nodeagent.attempts import Network
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.events import Recorder
from moorage.nodeagent.heartbeat import Heartbeat
from moorage.nodeagent.imagegc import ImageCollector
from moorage.nodeagent.images import Images
from moorage.nodeagent.lifecycle import TERMINAL
from moorage.nodeagent.podfiles import PodFiles
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.podworker import PodWorker
from moorage.nodeagent.ports import Runtime
from moorage.nodeagent.relist import Relist
from moorage.nodeagent.rotation import LogRotation
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.snapshot import Failure
from moorage.nodeagent.tools import Tools
from moorage.nodeagent.volumes.ports import VolumeFailure, Volumes

_log = logger("nodeagent")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the assembly gives an agent.

    Args:
        api: with the node's own credential.
        runtime: what runs containers.
        volumes: `DiskVolumes`, or `NoVolumes` for a made-up node.
        files: `DiskFiles`, or `NoFiles`.
        network: `HostNetwork`, or a made-up one.
        clock: time.
        ids: names of events.
        tasks: what supervises everything in the background.
    """

    api: Api
    runtime: Runtime
    volumes: Volumes
    files: PodFiles
    network: Network
    clock: Clock
    ids: Ids
    tasks: Tasks


class NodeAgent:
    """The agent of one node."""

    def __init__(self, settings: AgentSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._workers: dict[str, PodWorker] = {}
        # A uid that ended here never starts again (reliability ID5), whatever a stale watch may say.
        self._tombstones: dict[str, None] = {}
        self._recorder = Recorder(parts.api, settings.node_name, parts.clock, parts.ids)
        self._relist = Relist(parts.runtime, parts.clock, settings.relist_seconds, self._runtime_changed)
        self._caches = SharedCaches(parts.api, parts.clock, parts.tasks)
        self.tools = Tools(
            settings=settings,
            runtime=parts.runtime,
            relist=self._relist,
            cluster=Cluster(parts.api),
            volumes=parts.volumes,
            files=parts.files,
            images=Images(parts.runtime, parts.clock),
            recorder=self._recorder,
            network=parts.network,
            clock=parts.clock,
            tasks=parts.tasks,
        )
        self.heartbeat = Heartbeat(parts.api, parts.runtime, settings, parts.clock, self._problem)

    async def start(self) -> None:
        """Look at the runtime, register the node, then follow its pods. Returns when all of that runs."""
        tasks = self._parts.tasks
        self._relist.start(tasks)
        await self._relist.fresh()
        tasks.start("events", self._recorder.run())
        await self.heartbeat.register()
        tasks.start("heartbeat", self.heartbeat.run())
        selected = ListOptions(fields=f"spec.nodeName={self._settings.node_name}")
        self._caches.require(scheme.PODS, selected=selected)
        await self._caches.start()
        self._caches.listen(scheme.PODS, self._pod_changed)
        self._adopt_orphans()
        await self._clean_up()
        tasks.start("refresh", self._refresh())
        tasks.start("log rotation", LogRotation(self.tools).run())
        tasks.start("image gc", ImageCollector(self.tools).run())

    async def stop(self) -> None:
        """Stop following; what runs goes on running."""
        await self._caches.stop()
        await self._parts.tasks.stop()

    def pod(self, namespace: str, name: str) -> Pod | None:
        """Return the pod of a name that has a worker here; the newest where an older one still ends."""
        found = [one.pod for one in self._workers.values() if (one.pod.namespace, one.pod.name) == (namespace, name)]
        return found[-1] if found else None

    def pods(self) -> list[Pod]:
        """Return every pod that has a worker."""
        return [worker.pod for worker in self._workers.values()]

    @property
    def relist(self) -> Relist:
        """What the runtime has."""
        return self._relist

    # --- news ---

    def _pod_changed(self, before: Cached[Any] | None, after: Cached[Any] | None) -> None:
        if before is not None and (after is None or meta.uid(before.document) != meta.uid(after.document)):
            worker = self._workers.get(meta.uid(before.document))
            if worker is not None:
                worker.orphan()
        if after is not None:
            self._wanted(after.document)

    def _wanted(self, document: dict[str, Any]) -> None:
        uid = meta.uid(document)
        if uid in self._tombstones:
            return
        try:
            if uid not in self._workers:
                self._employ(podspec.parse(document))
            self._workers[uid].update(document)
        except msgspec.ValidationError as error:
            # One pod nobody can read must not stop the others.
            _log.error("a pod cannot be read", error, pod=f"{meta.namespace(document)}/{meta.name(document)}")

    def _runtime_changed(self, uid: str) -> None:
        worker = self._workers.get(uid)
        if worker is not None:
            worker.wake()

    def _adopt_orphans(self) -> None:
        """Stop what runs here for pods the API no longer knows."""
        for uid, found in self._relist.pods.items():
            remembered = marks.pod_of(found.sandboxes[0].annotations) if found.sandboxes else None
            if uid not in self._workers and remembered is not None:
                _log.info("stopping a pod that is gone from the API", pod=f"{found.namespace}/{found.name}")
                self._employ(podspec.parse(remembered)).orphan()

    async def _clean_up(self) -> None:
        """Give back what an agent before this one could not: volumes of pods that neither API nor runtime knows."""
        for uid in self._parts.volumes.everyone():
            if uid not in self._workers:
                try:
                    await self._parts.volumes.unmount(uid)
                except VolumeFailure as failure:
                    _log.warning("files of a pod that is gone stay", uid=uid, problem=failure)

    # --- workers ---

    def _employ(self, pod: Pod) -> PodWorker:
        worker = PodWorker(self.tools, pod, self._admit, self._hold)
        self._workers[pod.uid] = worker
        self._parts.tasks.start(f"pod {pod.namespace}/{pod.name}", self._run(worker))
        return worker

    async def _run(self, worker: PodWorker) -> None:
        await worker.run()
        uid = worker.pod.uid
        del self._workers[uid]
        self._tombstones[uid] = None
        while len(self._tombstones) > 10 * self._settings.capacity.pods:
            del self._tombstones[next(iter(self._tombstones))]
        for other in self._workers.values():
            other.wake()

    def _hold(self, pod: Pod) -> str:
        """Return why a pod may not start yet: no two pods of one name ever run here (reliability ID1)."""
        for other in self._workers.values():
            same = (other.pod.namespace, other.pod.name) == (pod.namespace, pod.name)
            if same and other.pod.uid != pod.uid:
                return f"an older pod of this name ({other.pod.uid}) has not ended yet"
        return ""

    def _admit(self, pod: Pod) -> Failure | None:
        others = [
            worker.pod
            for worker in self._workers.values()
            if worker.pod.uid != pod.uid and worker.confirmed and worker.pod.status.get("phase") not in TERMINAL
        ]
        return admit(pod, others, self._settings.capacity, node.labels(self._settings))

    def _problem(self) -> str:
        return "" if self._relist.healthy else "container runtime is down"

    async def _refresh(self) -> None:
        while True:
            await self._parts.clock.sleep(self._settings.refresh_seconds)
            for worker in list(self._workers.values()):
                await worker.refresh()

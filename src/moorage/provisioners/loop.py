"""Carries out what `provisioners.decide` owes: storage first, then the object; the object last, so that a crash repeats a call.

In: claims, classes and volumes from shared caches. Out: PersistentVolumes, their removal, events; larger ones by `resizer`.
Erasing is guarded by live reads: a volume's data goes only if the claim it names is really gone (facts: reliability VO4).
"""

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES
from moorage.api.views import convert
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim
from moorage.base.errors import ApiError, Bug, Unavailable
from moorage.base.log import logger
from moorage.client.api import Api
from moorage.client.requests import DeleteOptions
from moorage.informer.cache import Cached
from moorage.provisioners import decide, expand
from moorage.provisioners.decide import Owed, Refused
from moorage.provisioners.ports import Backend, ProvisioningFailed
from moorage.provisioners.resizer import Resizer
from moorage.reconcile.actions import Emit
from moorage.reconcile.loop import Surroundings
from moorage.reconcile.queue import WorkQueue
from moorage.reconcile.recorder import EventRecorder

_log = logger("provisioner")
WORKERS = 4


class ProvisionerLoop:
    """Runs one backend. Construct it before the caches start; `start` it once they are synced.

    Args:
        backend: what makes storage.
        around: API, caches, clock and tasks of the process.
    """

    def __init__(self, backend: Backend, around: Surroundings) -> None:
        self._backend = backend
        self._api: Api = around.api
        self._caches = around.caches
        self._tasks = around.tasks
        # Claims have a namespace and volumes have none, so one queue holds keys of both.
        self._queue = WorkQueue(around.clock, around.tasks)
        self._recorder = EventRecorder(around.api, around.clock, backend.provisioner)
        self._resizer = Resizer(backend, around.api, around.clock)
        for resource in (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES):
            self._caches.require(resource)
        for resource in (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES):
            self._caches.listen(resource, self._changed)

    def start(self) -> None:
        """Start the workers."""
        self._tasks.start(f"{self._backend.provisioner} events", self._recorder.run())
        self._tasks.start(f"{self._backend.provisioner} resizer events", self._resizer.recorder.run())
        for number in range(WORKERS):
            self._tasks.start(f"{self._backend.provisioner} {number}", self._work())

    def _changed(self, _before: Cached[object] | None, after: Cached[object] | None) -> None:
        if after is not None:
            self._queue.add(after.key)

    async def _work(self) -> None:
        while True:
            key = await self._queue.take()
            try:
                await (self._provision(key) if key.namespace else self._erase(key))
                self._queue.forget(key)
            except (ApiError, Unavailable, ProvisioningFailed) as problem:
                wait = self._queue.retry(key)
                _log.warning("failed, trying again", key=key, wait=f"{wait:g}s", problem=problem)
            finally:
                self._queue.done(key)

    async def _provision(self, key: ObjectKey) -> None:
        claim = self._caches.of(PERSISTENTVOLUMECLAIMS).get(key)
        if claim is None or self._exists(claim.view):
            if claim is not None and expand.wanted(claim.view):
                await self._resizer.sync(key)
            return
        found = self._caches.of(STORAGECLASSES).get(ObjectKey("", decide.class_of(claim.view)))
        owed = decide.provision(claim.view, found.view if found else None, self._backend)
        if isinstance(owed, Refused):
            self._failed(claim, owed.message)
        elif owed is not None:
            await self._make(claim, owed)

    def _exists(self, claim: PersistentVolumeClaim) -> bool:
        return self._caches.of(PERSISTENTVOLUMES).get(ObjectKey("", f"pvc-{claim.metadata.uid}")) is not None

    async def _make(self, claim: Cached[PersistentVolumeClaim], owed: Owed) -> None:
        text = f'External provisioner is provisioning volume for claim "{claim.key}"'
        self._recorder.record(Emit(claim.document, "Normal", "Provisioning", text))
        try:
            await self._backend.create(owed.volume)
        except ProvisioningFailed as problem:
            self._failed(claim, str(problem))
            raise
        try:
            await self._api.create(PERSISTENTVOLUMES, owed.document)
        except ApiError as problem:
            if problem.reason != "AlreadyExists":
                raise
        text = f"Successfully provisioned volume {owed.volume.name}"
        self._recorder.record(Emit(claim.document, "Normal", "ProvisioningSucceeded", text))

    def _failed(self, claim: Cached[PersistentVolumeClaim], why: str) -> None:
        text = f'failed to provision volume with StorageClass "{decide.class_of(claim.view)}": {why}'
        self._recorder.record(Emit(claim.document, "Warning", "ProvisioningFailed", text))

    async def _erase(self, key: ObjectKey) -> None:
        cached = self._caches.of(PERSISTENTVOLUMES).get(key)
        if cached is None or not decide.erasable(cached.view, self._backend):
            return
        document = await self._api.find(PERSISTENTVOLUMES, key)
        if document is None:
            return
        live = convert(PersistentVolume, document)
        if not isinstance(live, PersistentVolume):
            raise Bug("a PersistentVolume's view is something else")
        if not decide.erasable(live, self._backend) or await self._claimed(live):
            return
        try:
            await self._backend.remove(key.name, document["spec"])
        except ProvisioningFailed as problem:
            self._recorder.record(Emit(document, "Warning", "VolumeFailedDelete", str(problem)))
            raise
        await self._api.delete(PERSISTENTVOLUMES, key, DeleteOptions(uid=live.metadata.uid))

    async def _claimed(self, volume: PersistentVolume) -> bool:
        """Return whether the claim a volume names still exists, read live."""
        claim = volume.spec.claim_ref
        if claim is None:
            return True
        found = await self._api.find(PERSISTENTVOLUMECLAIMS, ObjectKey(claim.namespace, claim.name))
        return found is not None and found["metadata"]["uid"] == claim.uid

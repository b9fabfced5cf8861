"""Carries out what `provisioners.expand` owes: the claim says so first, then the storage, the volume, the claim again.

In: a claim that may have outgrown its volume. Out: a larger volume, the claim's conditions and capacity, events.
Decided on live reads: the caches still show a claim as too small right after it has grown.
"""

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.api.views import convert
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim
from moorage.base.errors import Bug
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.requests import PatchBody
from moorage.provisioners import expand
from moorage.provisioners.expand import Growth
from moorage.provisioners.ports import Backend, ProvisioningFailed
from moorage.reconcile.actions import Emit
from moorage.reconcile.recorder import EventRecorder


class Resizer:
    """Grows the volumes of one backend.

    Args:
        backend: what makes storage.
        api: where claims and volumes are.
        clock: for the times of conditions.
    """

    def __init__(self, backend: Backend, api: Api, clock: Clock) -> None:
        self._backend = backend
        self._api = api
        self._clock = clock
        self.recorder = EventRecorder(api, clock, f"external-resizer {backend.provisioner}")

    async def sync(self, key: ObjectKey) -> None:
        """Grow the volume of the claim `key` if it is owed that. Raises: ApiError, Unavailable, ProvisioningFailed."""
        claim = await self._api.find(PERSISTENTVOLUMECLAIMS, key)
        name = ((claim or {}).get("spec") or {}).get("volumeName")
        volume = await self._api.find(PERSISTENTVOLUMES, ObjectKey("", name)) if name else None
        if claim is None or volume is None:
            return
        due = expand.growth(_claim(claim), _volume(volume), self._backend)
        if due is not None:
            await self._grow(claim, volume, due)

    async def _grow(self, claim: Document, volume: Document, due: Growth) -> None:
        claim = await self._tell(claim, expand.in_progress(claim, due, self._clock.now()))
        self.recorder.record(Emit(claim, "Normal", "Resizing", f"External resizer is resizing volume {due.volume}"))
        try:
            await self._backend.grow(due.volume, volume["spec"], due.size.value)
        except ProvisioningFailed as problem:
            text = f'resize volume "{due.volume}" by resizer "{self._backend.provisioner}" failed: {problem}'
            self.recorder.record(Emit(claim, "Warning", "VolumeResizeFailed", text))
            await self._tell(claim, expand.failed(claim, str(problem), self._clock.now()))
            raise
        body = {"metadata": _guard(volume), "spec": {"capacity": {"storage": due.text}}}
        await self._api.patch(PERSISTENTVOLUMES, ObjectKey("", due.volume), PatchBody(body))
        claim = await self._tell(claim, expand.finished(claim, due))
        self.recorder.record(Emit(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded"))

    async def _tell(self, claim: Document, status: Document | None) -> Document:
        """Write part of a claim's status; return the claim as it is then."""
        if status is None:
            return claim
        key = ObjectKey(meta.namespace(claim), meta.name(claim))
        patch = PatchBody({"metadata": _guard(claim), "status": status}, subresource="status")
        return await self._api.patch(PERSISTENTVOLUMECLAIMS, key, patch)


def _guard(document: Document) -> Document:
    return {"uid": meta.uid(document), "resourceVersion": meta.resource_version(document)}


def _claim(document: Document) -> PersistentVolumeClaim:
    view = convert(PersistentVolumeClaim, document)
    if not isinstance(view, PersistentVolumeClaim):
        raise Bug("a PersistentVolumeClaim's view is something else")
    return view


def _volume(document: Document) -> PersistentVolume:
    view = convert(PersistentVolume, document)
    if not isinstance(view, PersistentVolume):
        raise Bug("a PersistentVolume's view is something else")
    return view

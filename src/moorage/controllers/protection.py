"""Claims in use and volumes in use are not removed: two finalizers.

In: claims, volumes, pods. Out: plans that put the finalizer on, and take it off once nothing uses the object any more.
Source: facts/statefulset.md 7.7; facts/reliability.md VO5. Upstream lets a pod be bound between its live list and the write
of the finalizer. Here each pod without a node that uses a claim on its way out is told so first: that is a write of the pod,
so a binding under way is refused, and every later one sees that the claim is going (`apiserver.subresources.binding`).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS
from moorage.api.times import format_time
from moorage.api.views import convert
from moorage.api.views.pod import Pod
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.actions import ConfirmEmpty, Patch, Step
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Culprit, Gate, Plan
from moorage.reconcile.triggers import on_self, sides

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"


@dataclass(frozen=True, slots=True)
class ClaimSnapshot:
    """A claim, the pods on nodes that use it, and those without a node that would."""

    claim: Cached[Any]
    users: tuple[Cached[Any], ...]
    waiting: tuple[Cached[Any], ...]


def build_claims() -> Controller[ClaimSnapshot]:
    """Return the controller for claims."""
    return Controller(
        name="persistentvolumeclaim-protection-controller",
        resource=PERSISTENTVOLUMECLAIMS,
        triggers=(on_self(PERSISTENTVOLUMECLAIMS), Trigger(PODS, _claims_of_pod)),
        take=take_claim,
        decide=decide_claim,
        indexes=(USERS_BY_CLAIM,),
        workers=2,
    )


def build_volumes() -> Controller[Cached[Any]]:
    """Return the controller for volumes."""
    return Controller(
        name="persistentvolume-protection-controller",
        resource=PERSISTENTVOLUMES,
        triggers=(on_self(PERSISTENTVOLUMES),),
        take=lambda key, caches: caches.of(PERSISTENTVOLUMES).get(key),
        decide=decide_volume,
        workers=2,
    )


def take_claim(key: ObjectKey, caches: Caches) -> ClaimSnapshot | None:
    """Return what is known of a claim."""
    claim = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
    if claim is None:
        return None
    pods = tuple(caches.of(PODS).by_index(USERS_BY_CLAIM.name, str(key)))
    users = tuple(pod for pod in pods if pod.view.spec.node_name)
    return ClaimSnapshot(claim, users, tuple(pod for pod in pods if _may_be_bound(pod.view)))


def decide_claim(snapshot: ClaimSnapshot, now: datetime.datetime) -> Plan:
    """Protect a claim; let a deleted one go once no pod on a node uses it (finished pods count until they are deleted)."""
    claim = snapshot.claim
    metadata = claim.view.metadata
    if not metadata.deleting:
        return Plan(_added(PERSISTENTVOLUMECLAIMS, claim, CLAIM_FINALIZER))
    if CLAIM_FINALIZER not in metadata.finalizers:
        return Plan()
    if snapshot.users:
        user = snapshot.users[0]
        culprit = Culprit(PODS.kind, user.key, user.view.metadata.uid)
        holds = f"remove PersistentVolumeClaim {claim.key.name}"
        return Plan(gates=(Gate("ClaimInUse", holds, culprit, "a pod uses it", f"delete pod {user.key.name}"),))
    uses = _Uses(claim.key, int(metadata.resource_version))
    told = (_told(pod, claim.key.name, now) for pod in snapshot.waiting if uses(pod.document))
    unused = ConfirmEmpty(PODS, claim.key.namespace, uses)
    return Plan((*told, unused, *_removed(PERSISTENTVOLUMECLAIMS, claim, CLAIM_FINALIZER)))


def decide_volume(volume: Cached[Any], _now: datetime.datetime) -> Plan:
    """Protect a volume; let a deleted one go once it is not bound."""
    if not volume.view.metadata.deleting:
        return Plan(_added(PERSISTENTVOLUMES, volume, VOLUME_FINALIZER))
    if volume.view.status.phase == "Bound":
        return Plan()
    return Plan(_removed(PERSISTENTVOLUMES, volume, VOLUME_FINALIZER))


@dataclass(frozen=True, slots=True)
class _Uses:
    """Whether a pod uses a claim on some node, or may yet: it was not written since the claim was seen to go.

    Args:
        claim: the claim.
        seen: its resourceVersion, that of a claim which is going.
    """

    claim: ObjectKey
    seen: int

    def __call__(self, pod: Document) -> bool:
        its = convert(Pod, pod)
        if self.claim.name not in its.claim_names:
            return False
        return bool(its.spec.node_name) or (_may_be_bound(its) and int(its.metadata.resource_version) < self.seen)


def _may_be_bound(pod: Pod) -> bool:
    """Return whether the API server would bind a pod that stays as it is."""
    return not (pod.spec.node_name or pod.spec.scheduling_gates or pod.metadata.deleting or pod.finished)


def _told(pod: Cached[Any], claim: str, now: datetime.datetime) -> Patch:
    """Return the write that says why a pod gets no node, in the scheduler's words; the time makes it one each time."""
    present = pod.view.condition("PodScheduled")
    message = f'persistentvolumeclaim "{claim}" is being deleted'
    said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    since = {} if present and present.status == "False" else {"lastTransitionTime": format_time(now)}
    body = {"status": {"conditions": [{**said, "lastProbeTime": format_time(now), **since}]}}
    metadata = pod.view.metadata
    version = metadata.resource_version  # a pod that got its node meanwhile is not told
    return Patch(PODS, pod.key, body, metadata.uid, "strategic", "status", version, missing_ok=True)


def _added(resource: Resource, entry: Cached[Any], finalizer: str) -> tuple[Step, ...]:
    present = entry.view.metadata.finalizers
    return () if finalizer in present else _finalizers(resource, entry, (*present, finalizer))


def _removed(resource: Resource, entry: Cached[Any], finalizer: str) -> tuple[Step, ...]:
    present = entry.view.metadata.finalizers
    if finalizer not in present:
        return ()
    return _finalizers(resource, entry, tuple(one for one in present if one != finalizer))


def _finalizers(resource: Resource, entry: Cached[Any], wanted: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the patch; the resourceVersion guards the list, which a merge patch replaces whole."""
    metadata = entry.view.metadata
    body = {"metadata": {"finalizers": [*wanted]}}
    version = metadata.resource_version
    return (Patch(resource, entry.key, body, metadata.uid, resource_version=version, missing_ok=True),)


def _used_claims(entry: Cached[Any]) -> Iterable[str]:
    return [f"{meta.namespace(entry.document)}/{name}" for name in entry.view.claim_names]


USERS_BY_CLAIM = Index("pod.claim", PODS, _used_claims)


def _claims_of_pod(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the deleted claims of a pod that is going away: nothing else of a pod matters here."""
    if after is not None:
        return set()
    keys = {ObjectKey(side.key.namespace, name) for side in sides(before, after) for name in side.view.claim_names}
    claims = caches.of(PERSISTENTVOLUMECLAIMS)
    return {key for key in keys if (found := claims.get(key)) and found.view.metadata.deleting}

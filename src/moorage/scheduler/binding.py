"""What is written to give a pod its node, and how far its volumes are.

In: a placement, claims and volumes from caches. Out: patches, and whether to go on. Pure. Next: `loop`.
Source: pkg/scheduler/framework/plugins/volumebinding/binder.go; facts/statefulset.md 7.3, 7.6.
"""

from typing import Any

from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS
from moorage.api.views.pod import Pod
from moorage.api.views.storage import PersistentVolumeClaim
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Patch
from moorage.scheduler.snapshot import SELECTED_NODE, NodeState
from moorage.scheduler.volumes import VolumePlan, is_bound, reaches

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"


def patches(plan: VolumePlan, node: str, caches: Caches) -> list[Patch]:
    """Return the writes that start what a plan wants; those already done are left out."""
    found = [_take_volume(name, key, caches) for name, key in plan.bind.items()]
    found += [_choose_node(key, node, caches) for key in plan.make]
    return [patch for patch in found if patch]


def progress(plan: VolumePlan, node: NodeState, caches: Caches) -> bool | str:
    """Return whether all claims of a plan are bound; a text where they never will be on this node."""
    states = [_claim_progress(plan, key, node, caches) for key in plan.wait]
    problem = next((state for state in states if isinstance(state, str)), None)
    return problem if problem is not None else all(states)


def unscheduled(pod: Pod, message: str, now: str) -> Patch | None:
    """Return the write that says in the pod's status why it has no node, None where it says so already."""
    present = pod.condition("PodScheduled")
    if present and (present.status, present.reason, present.message) == ("False", "Unschedulable", message):
        return None
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    if present is None or present.status != "False":
        condition["lastTransitionTime"] = now
    key = ObjectKey(pod.metadata.namespace, pod.metadata.name)
    return Patch(PODS, key, {"status": {"conditions": [condition]}}, pod.metadata.uid, "strategic", "status")


def _take_volume(name: str, key: ObjectKey, caches: Caches) -> Patch | None:
    volume = caches.of(PERSISTENTVOLUMES).get(ObjectKey("", name))
    claim = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
    if volume is None or claim is None:
        return None
    uid = claim.view.metadata.uid
    present = volume.view.spec.claim_ref
    if present and present.uid == uid:
        return None
    ref = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": key.namespace,
        "name": key.name,
        "uid": uid,
        "resourceVersion": claim.view.metadata.resource_version,
    }
    body: dict[str, Any] = {"spec": {"claimRef": ref}}
    if present is None:
        body["metadata"] = {"annotations": {BOUND_BY_CONTROLLER: "yes"}}
    return _guarded(PERSISTENTVOLUMES, volume, body)


def _choose_node(key: ObjectKey, node: str, caches: Caches) -> Patch | None:
    claim = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
    if claim is None or claim.view.metadata.annotations.get(SELECTED_NODE) == node:
        return None
    return _guarded(PERSISTENTVOLUMECLAIMS, claim, {"metadata": {"annotations": {SELECTED_NODE: node}}})


def _guarded(resource: Resource, entry: Cached[Any], body: dict[str, Any]) -> Patch:
    """Return a patch that applies only to the very state it was decided on."""
    metadata = entry.view.metadata
    return Patch(resource, entry.key, body, metadata.uid, resource_version=metadata.resource_version)


def _claim_progress(plan: VolumePlan, key: ObjectKey, node: NodeState, caches: Caches) -> bool | str:
    entry = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
    if entry is None:
        return f'persistentvolumeclaim "{key.name}" not found'
    if entry.view.metadata.deleting:
        return f'persistentvolumeclaim "{key.name}" is being deleted'
    claim: PersistentVolumeClaim = entry.view
    if not is_bound(claim):
        if key in plan.make and claim.metadata.annotations.get(SELECTED_NODE) != node.name:
            return f'provisioning failed for PVC "{key.name}"'
        return False
    volume = caches.of(PERSISTENTVOLUMES).get(ObjectKey("", claim.spec.volume_name))
    if volume is None:
        return False  # the claim's cache is ahead of the volume's
    if not reaches(volume.view, node):
        return f'pv "{claim.spec.volume_name}" node affinity doesn\'t match node "{node.name}"'
    return True

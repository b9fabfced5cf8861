"""Writes of pods: how one is built, repaired, deleted, and what is reported about it.

In: the set, a template, an ordinal. Out: actions. Source: facts/statefulset.md 1.7.
"""

from collections.abc import Mapping
from typing import Any, Literal

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.api.views.berth import REVISION_LABEL
from moorage.controllers.statefulset import identity
from moorage.controllers.statefulset.adoption import controller_reference
from moorage.controllers.statefulset.fleet import storage_fits
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Action, Create, Delete, Emit, Patch, Update

_REASONS: Mapping[str, tuple[str, str]] = {
    "create": ("SuccessfulCreate", "FailedCreate"),
    "delete": ("SuccessfulDelete", "FailedDelete"),
    "update": ("SuccessfulUpdate", "FailedUpdate"),
}


def creation(spec: SetSpec, ordinal: int, revision: str, template: Mapping[str, Any]) -> Create:
    """Return what creates the pod of an ordinal at a revision; its name must be free (reliability ID3)."""
    name = identity.pod_name(spec.name, ordinal)
    return Create(
        PODS,
        pod_document(spec, ordinal, revision, template),
        on_success=done(spec, "create", name),
        on_failure=failed(spec, "create", name),
    )


def deletion(spec: SetSpec, pod: PodCached, *, as_seen: bool = False) -> Delete:
    """Return what deletes exactly this pod, with its own grace period.

    Args:
        as_seen: only if nothing of it has changed since.
    """
    return Delete(
        PODS,
        pod.key,
        meta.uid(pod.document),
        resource_version=meta.resource_version(pod.document) if as_seen else "",
        on_success=done(spec, "delete", pod.key.name),
        on_failure=failed(spec, "delete", pod.key.name),
    )


def repair(spec: SetSpec, pod: PodCached, *, storage: bool = True) -> Action | None:
    """Return what restores the pod-name label and the claim volumes of a living pod; None where both are right.

    Args:
        storage: False leaves the volumes as they are.
    """
    berth = pod_berth(pod)
    good, bad = done(spec, "update", berth.name), failed(spec, "update", berth.name)
    labels = identity.own_labels(spec.name, berth.ordinal)
    if storage and not storage_fits(spec, berth):
        metadata = {**meta.metadata(pod.document), "labels": {**meta.labels(pod.document), **labels}}
        body = pod.document.get("spec") or {}
        fixed = {**pod.document, "metadata": metadata, "spec": {**body, "volumes": volumes(spec, berth.name, body)}}
        return Update(PODS, fixed, on_success=good, on_failure=bad)
    if berth.named:
        return None
    uid, version = meta.uid(pod.document), meta.resource_version(pod.document)
    patch = {"metadata": {"labels": labels}}
    return Patch(PODS, pod.key, patch, uid, resource_version=version, on_success=good, on_failure=bad)


def done(spec: SetSpec, verb: Literal["create", "delete", "update"], pod: str) -> Emit:
    """Return the event of a write that succeeded."""
    message = f"{verb} Pod {pod} in StatefulSet {spec.name} successful"
    return Emit(spec.document, "Normal", _REASONS[verb][0], message)


def failed(spec: SetSpec, verb: Literal["create", "delete", "update"], pod: str, error: str = "{error}") -> Emit:
    """Return the event of a write that failed."""
    message = f"{verb} Pod {pod} in StatefulSet {spec.name} failed error: {error}"
    return Emit(spec.document, "Warning", _REASONS[verb][1], message)


def recreating(spec: SetSpec, pod: PodCached) -> Emit:
    """Return the event upstream reported up to 1.30 before it replaced a finished pod."""
    where = f"StatefulSet {spec.key.namespace}/{spec.name} is recreating"
    if pod_berth(pod).phase == "Failed":
        return Emit(spec.document, "Warning", "RecreatingFailedPod", f"{where} failed Pod {pod.key.name}")
    return Emit(spec.document, "Normal", "RecreatingTerminatedPod", f"{where} terminated Pod {pod.key.name}")


def pod_document(spec: SetSpec, ordinal: int, revision: str, template: Mapping[str, Any]) -> Document:
    """Return a new pod: the revision's template, the berth's identity and storage."""
    name = identity.pod_name(spec.name, ordinal)
    labels = {**meta.labels(template), **identity.own_labels(spec.name, ordinal), REVISION_LABEL: revision}
    metadata: Document = {
        "name": name,
        "generateName": f"{spec.name}-",
        "namespace": spec.key.namespace,
        "labels": labels,
        "ownerReferences": [controller_reference(spec)],
    }
    if meta.annotations(template):
        metadata["annotations"] = dict(meta.annotations(template))
    if meta.finalizers(template):
        metadata["finalizers"] = list(meta.finalizers(template))
    body = {**(template.get("spec") or {}), "hostname": name}
    body.pop("subdomain", None)
    if spec.service_name:
        body["subdomain"] = spec.service_name
    mounted = volumes(spec, name, body)
    if mounted:
        body["volumes"] = mounted
    return {"apiVersion": PODS.api_version, "kind": PODS.kind, "metadata": metadata, "spec": body}


def volumes(spec: SetSpec, pod: str, body: Mapping[str, Any]) -> list[Document]:
    """Return the pod's volumes: claim volumes first, then the others that no claim template shadows."""
    names = [meta.name(template) for template in spec.claim_templates]
    mine: list[Document] = [
        {"name": name, "persistentVolumeClaim": {"claimName": identity.claim_name(name, pod)}} for name in names
    ]
    return mine + [volume for volume in body.get("volumes") or () if volume["name"] not in names]

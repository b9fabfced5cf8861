"""The two steps that ReplicaSets and DaemonSets share: one pod made, one deleted, each with upstream's events.

In: the owner, a pod. Out: actions. Source: pkg/controller/controller_utils.go, RealPodControl.
"""

from typing import Any, Literal

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Create, Delete, Emit


def creation(owner: Cached[Any], pod: Document) -> Create:
    """Return the creation of a pod, told on its owner."""
    return Create(
        PODS,
        pod,
        on_success=_told(owner, "Normal", "SuccessfulCreate", "Created pod: {name}"),
        on_failure=_told(owner, "Warning", "FailedCreate", "Error creating: {error}"),
    )


def deletion(owner: Cached[Any], pod: Cached[Any]) -> Delete:
    """Return the deletion of a pod, told on its owner."""
    return Delete(
        PODS,
        pod.key,
        meta.uid(pod.document),
        on_success=_told(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.key.name}"),
        on_failure=_told(owner, "Warning", "FailedDelete", "Error deleting: {error}"),
    )


def _told(owner: Cached[Any], kind: Literal["Normal", "Warning"], reason: str, message: str) -> Emit:
    return Emit(owner.document, kind, reason, message)

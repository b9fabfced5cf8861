"""How many pods the owners of the covered pods want: what percentages and `maxUnavailable` are counted from.

In: pods and caches of their owners. Out: `Scale`. A pod counts for the Deployment above its ReplicaSet. Upstream asks the scale
subresource of owners it does not know; here every kind that has one is known. Source: getExpectedScale and its finders.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import scheme
from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import DEPLOYMENTS, REPLICASETS, STATEFULSETS
from moorage.api.views.meta import OwnerReference
from moorage.informer.cache import Cached, Caches

OWNERS = (DEPLOYMENTS, REPLICASETS, STATEFULSETS)
_BY_KIND = {resource.kind: resource for resource in OWNERS}


@dataclass(frozen=True, slots=True)
class Scale:
    """The sum over all owners.

    Args:
        pods: how many pods they want.
        unmanaged: whether some covered pod has no owner.
        problem: why it cannot be told, "" where it can; upstream's words.
    """

    pods: int = 0
    unmanaged: bool = False
    problem: str = ""


def scale(pods: Iterable[Cached[Any]], caches: Caches) -> Scale:
    """Return how many pods the owners of these want."""
    references: dict[str, tuple[OwnerReference, str]] = {}
    unmanaged, namespace = False, ""
    for pod in pods:
        namespace, controller = pod.key.namespace, pod.view.metadata.controller
        if controller is None:
            unmanaged = True
        else:
            references.setdefault(controller.uid, (controller, pod.key.name))
    wanted: dict[str, int] = {}
    for reference, pod_name in references.values():
        owner = _owner(reference, namespace, caches)
        if owner is None:
            return Scale(problem=_problem(reference, pod_name))
        replicas = owner.view.spec.replicas
        wanted[owner.view.metadata.uid] = 1 if replicas is None else replicas
    return Scale(sum(wanted.values()), unmanaged)


def _owner(reference: OwnerReference, namespace: str, caches: Caches) -> Cached[Any] | None:
    """Return who wants a number of pods: for a ReplicaSet its Deployment, while there is one."""
    resource = _BY_KIND.get(reference.kind)
    if resource is None or reference.api_version != resource.api_version:
        return None
    found = _same(resource, reference, namespace, caches)
    above = found.view.metadata.controller if found is not None and resource == REPLICASETS else None
    if above is None or above.kind != DEPLOYMENTS.kind:
        return found
    return _same(DEPLOYMENTS, above, namespace, caches) or found


def _same(resource: Resource, reference: OwnerReference, namespace: str, caches: Caches) -> Cached[Any] | None:
    found = caches.of(resource).get(ObjectKey(namespace, reference.name))
    return found if found is not None and found.view.metadata.uid == reference.uid else None


def _problem(reference: OwnerReference, pod_name: str) -> str:
    resource = scheme.by_kind(reference.api_version, reference.kind)
    if resource is None:
        return f'no matches for kind "{reference.kind}" in version "{reference.api_version}"'
    if resource not in OWNERS:
        return f"{resource.qualified} does not implement the scale subresource"
    return f'found no controllers for pod "{pod_name}"'

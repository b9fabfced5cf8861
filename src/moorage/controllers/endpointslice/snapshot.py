"""All that one decision about a Service's slices needs.

In: caches. Out: `Snapshot`; next room `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import ENDPOINTSLICES, NODES, SERVICES
from moorage.api.views.network import SERVICE_LABEL
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile import selecting

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A Service with a selector, its pods, its slices.

    Args:
        service: the Service.
        pods: those it selects, in no order.
        slices: those this controller made for it, oldest name first.
        zones: zone label of each node that has one.
    """

    service: Cached[Any]
    pods: tuple[Cached[Any], ...]
    slices: tuple[Cached[Any], ...]
    zones: dict[str, str]


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of a Service; None where its endpoints are none of our business."""
    service = caches.of(SERVICES).get(key)
    if service is None or not service.view.spec.selector or service.view.spec.type == "ExternalName":
        return None
    found = caches.of(ENDPOINTSLICES).by_index(BY_SERVICE.name, f"{key.namespace}/{key.name}")
    slices = tuple(sorted(found, key=lambda one: one.key.name))
    pods = tuple(selecting.pods_of(service, caches))
    nodes = {pod.view.spec.node_name for pod in pods}
    return Snapshot(service, pods, slices, _zones(nodes, caches))


def _zones(names: Iterable[str], caches: Caches) -> dict[str, str]:
    zones = {}
    for name in names:
        node = caches.of(NODES).get(ObjectKey("", name))
        if node is not None and ZONE in node.view.metadata.labels:
            zones[name] = node.view.metadata.labels[ZONE]
    return zones


def service_of(entry: Cached[Any]) -> Iterable[str]:
    """Return the Service of a slice that this controller made."""
    labels = entry.view.metadata.labels
    if labels.get(MANAGED_BY) != MANAGER or SERVICE_LABEL not in labels:
        return ()
    return (f"{entry.key.namespace}/{labels[SERVICE_LABEL]}",)


BY_SERVICE = Index("slice.service", ENDPOINTSLICES, service_of)

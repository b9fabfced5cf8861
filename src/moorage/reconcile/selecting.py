"""Which Services select which pods: what both endpoint controllers read.

In: Services, Pods. Out: indexes, keys for triggers, the pods of a Service, ports of a pod.
Cost: the pods of a Service are found by one of its labels, not by walking the namespace.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODS, SERVICES
from moorage.api.views.network import ServicePort
from moorage.api.views.pod import Pod
from moorage.informer.cache import Cached, Caches, Index
from moorage.reconcile.triggers import by_namespace, sides


def _labels(entry: Cached[Any]) -> Iterable[str]:
    return [f"{entry.key.namespace}/{key}={value}" for key, value in entry.view.metadata.labels.items()]


BY_LABEL = Index("pod.label", PODS, _labels)
INDEXES = (BY_LABEL, by_namespace(SERVICES))


def selects(service: Cached[Any], pod: Cached[Any]) -> bool:
    """Return whether a Service with a selector selects a pod of its namespace."""
    selector, labels = service.view.spec.selector, pod.view.metadata.labels
    return bool(selector) and selector.items() <= labels.items()


def pods_of(service: Cached[Any], caches: Caches) -> list[Cached[Any]]:
    """Return the pods that a Service selects."""
    selector = service.view.spec.selector
    if not selector:
        return []
    key, value = next(iter(selector.items()))
    found = caches.of(PODS).by_index(BY_LABEL.name, f"{service.key.namespace}/{key}={value}")
    return [*found] if len(selector) == 1 else [pod for pod in found if selects(service, pod)]


def services_of(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the Services that select either side of a changed pod, unless nothing an endpoint shows has changed."""
    if before is not None and after is not None and _shown(before.view) == _shown(after.view):
        return set()
    return {
        service.key
        for side in sides(before, after)
        for service in caches.of(SERVICES).by_index("namespace", side.key.namespace)
        if selects(service, side)
    }


def port_of(pod: Pod, port: ServicePort) -> int | None:
    """Return the number a Service port leads to on a pod; None where the pod has no container port of that name."""
    target = port.target_port
    if isinstance(target, int) and target:
        return target
    if not target:
        return port.port
    sidecars = [one for one in pod.spec.init_containers if one.get("restartPolicy") == "Always"]
    for container in (*pod.spec.containers, *sidecars):
        for offered in container.get("ports") or ():
            if offered.get("name") == target and offered.get("protocol", "TCP") == port.protocol:
                return int(offered["containerPort"])
    return None


def _shown(pod: Pod) -> tuple[Any, ...]:
    """Return all of a pod that an endpoint shows or is chosen by."""
    metadata, spec, status = pod.metadata, pod.spec, pod.status
    return (
        metadata.uid, metadata.labels, metadata.deleting, spec.node_name, spec.hostname, spec.subdomain,
        status.phase, status.pod_ips, status.pod_ip, pod.ready_condition,
    )  # fmt: skip

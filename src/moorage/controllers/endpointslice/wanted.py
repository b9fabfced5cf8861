"""The endpoints a Service should have: pure pictures of its pods.

In: `Snapshot`. Out: for each family and set of ports, one endpoint document a pod. Source: facts/statefulset.md 6.2.
Cost: one small document a pod; what all pods share is worked out once.
"""

from typing import Any, NamedTuple

from moorage.api.refs import Document
from moorage.api.views.pod import Pod
from moorage.controllers.endpointslice.snapshot import Snapshot
from moorage.informer.cache import Cached
from moorage.reconcile.selecting import port_of

Ports = tuple[tuple[tuple[str, Any], ...], ...]
"""Ports of a slice as a value that can be a key."""


class Shape(NamedTuple):
    """What all endpoints of one slice share."""

    family: str
    ports: Ports


def endpoints(snapshot: Snapshot) -> dict[Shape, dict[str, Document]]:
    """Return the wanted endpoints by shape and pod uid."""
    found: dict[Shape, dict[str, Document]] = {}
    families = snapshot.service.view.spec.ip_families or ("IPv4",)
    named = any(isinstance(port.target_port, str) and port.target_port for port in snapshot.service.view.spec.ports)
    ports: Ports | None = None
    for pod in snapshot.pods:
        status = pod.view.status
        if pod.view.finished or not (status.pod_ip or status.pod_ips):
            continue
        if ports is None or named:
            ports = _ports(snapshot, pod.view)
        for family in families:
            addresses = _addresses(pod.view, family)
            if addresses:
                shape = found.setdefault(Shape(family, ports), {})
                shape[pod.view.metadata.uid] = _endpoint(snapshot, pod, addresses)
    return found


def port_documents(ports: Ports) -> list[Document]:
    """Return the ports of a shape as documents."""
    return [dict(port) for port in ports]


def _endpoint(snapshot: Snapshot, pod: Cached[Any], addresses: list[str]) -> Document:
    view, service = pod.view, snapshot.service.view
    metadata = view.metadata
    ready = view.ready_condition
    endpoint: Document = {
        "addresses": addresses,
        "conditions": {
            "ready": service.spec.publish_not_ready_addresses or (ready and not metadata.deleting),
            "serving": ready,
            "terminating": metadata.deleting,
        },
        "targetRef": {"kind": "Pod", "namespace": metadata.namespace, "name": metadata.name, "uid": metadata.uid},
    }
    if view.spec.node_name:
        endpoint["nodeName"] = view.spec.node_name
    if view.spec.node_name in snapshot.zones:
        endpoint["zone"] = snapshot.zones[view.spec.node_name]
    if view.spec.hostname and view.spec.subdomain == service.metadata.name:
        endpoint["hostname"] = view.spec.hostname
    return endpoint


def _addresses(pod: Pod, family: str) -> list[str]:
    known = [entry.ip for entry in pod.status.pod_ips] or [pod.status.pod_ip]
    return [address for address in known if address and (":" in address) == (family == "IPv6")]


def _ports(snapshot: Snapshot, pod: Pod) -> Ports:
    found = []
    for port in snapshot.service.view.spec.ports:
        number = port_of(pod, port)
        if number is None:
            continue
        fields: dict[str, Any] = {"name": port.name, "port": number, "protocol": port.protocol}
        if port.app_protocol is not None:
            fields["appProtocol"] = port.app_protocol
        found.append(tuple(sorted(fields.items())))
    return tuple(found)

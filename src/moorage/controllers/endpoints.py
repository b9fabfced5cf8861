"""Endpoints of v1: the older picture of where a Service's pods are, for the clients that still read it.

In: Services, Pods. Out: plans that keep one Endpoints object a Service. Source: upstream's endpoint-controller,
facts/statefulset.md 6.2. Being a copy for old clients, it may lag up to `PAUSE_SECONDS` behind in a burst.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import ENDPOINTS, PODS, SERVICES
from moorage.api.times import format_micro_time
from moorage.api.views.pod import Pod
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Create, Delete, Emit, Update
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan
from moorage.reconcile.selecting import INDEXES, pods_of, port_of, services_of
from moorage.reconcile.triggers import on_self, sides

PAUSE_SECONDS = 1.0
MAX_ADDRESSES = 1000
"""Addresses of one object; more are cut off and the object says so."""
HEADLESS = "service.kubernetes.io/headless"
CHANGED = "endpoints.kubernetes.io/last-change-trigger-time"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
_LEADER = "control-plane.alpha.kubernetes.io/leader"

_Port = tuple[tuple[str, Any], ...]
_Address = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A Service with a selector (None: it is gone), its pods, its Endpoints."""

    service: Cached[Any] | None
    pods: tuple[Cached[Any], ...]
    present: Cached[Any] | None


def build() -> Controller[Snapshot]:
    """Return the controller."""
    return Controller(
        name="endpoint-controller",
        resource=SERVICES,
        triggers=(on_self(SERVICES), Trigger(PODS, services_of), Trigger(ENDPOINTS, _keys)),
        take=take,
        decide=decide,
        indexes=INDEXES,
        pause=PAUSE_SECONDS,
    )


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of a Service; None where its endpoints are none of our business."""
    service = caches.of(SERVICES).get(key)
    present = caches.of(ENDPOINTS).get(key)
    if service is None:
        leader = present is not None and _LEADER in present.view.metadata.annotations
        return None if present is None or leader else Snapshot(None, (), present)
    if not service.view.spec.selector:
        return None
    return Snapshot(service, tuple(pods_of(service, caches)), present)


def _keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> set[ObjectKey]:
    """Return the key, unless the object is a person's and has no Service: only the end of a Service takes that along."""
    return {
        side.key
        for side in sides(before, after)
        if CHANGED in side.view.metadata.annotations or caches.of(SERVICES).get(side.key) is not None
    }


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Create, update or delete the Endpoints of a Service."""
    service, present = snapshot.service, snapshot.present
    if service is None:
        assert present is not None
        return Plan((Delete(ENDPOINTS, present.key, present.view.metadata.uid),))
    subsets, cut = _subsets(service, snapshot.pods)
    labels = {**service.view.metadata.labels, **({HEADLESS: ""} if service.view.headless else {})}
    if present is not None and _same(present.document, subsets, labels, cut=cut):
        return Plan()
    failed = Emit(
        service.document if present is None else present.document,
        "Warning",
        "FailedToCreateEndpoint" if present is None else "FailedToUpdateEndpoint",
        f"Failed to {'create' if present is None else 'update'} endpoint {service.key}: {{error}}",
    )
    marks = {CHANGED: format_micro_time(now), **({OVER_CAPACITY: "truncated"} if cut else {})}
    if present is None:
        metadata = {
            "name": service.key.name,
            "namespace": service.key.namespace,
            "labels": labels,
            "annotations": marks,
        }
        document = {"apiVersion": "v1", "kind": ENDPOINTS.kind, "metadata": metadata, "subsets": subsets}
        return Plan((Create(ENDPOINTS, document, on_failure=failed, exists_ok=True),))
    others = {key: text for key, text in meta.annotations(present.document).items() if key != OVER_CAPACITY}
    metadata = {**present.document["metadata"], "labels": labels, "annotations": {**others, **marks}}
    return Plan((Update(ENDPOINTS, {**present.document, "metadata": metadata, "subsets": subsets}, on_failure=failed),))


def _same(present: Document, subsets: list[Document], labels: dict[str, str], *, cut: bool) -> bool:
    marked = OVER_CAPACITY in meta.annotations(present)
    return (present.get("subsets") or []) == subsets and meta.labels(present) == labels and marked == cut


def _subsets(service: Cached[Any], pods: tuple[Cached[Any], ...]) -> tuple[list[Document], bool]:
    """Return the subsets in canonical order, and whether addresses were cut off.

    Ports that lead to the same addresses share a subset (upstream's RepackSubsets).
    """
    by_port: dict[_Port, set[_Address]] = defaultdict(set)
    shown = sorted((pod for pod in pods if _is_shown(service, pod.view)), key=_order)
    for pod in shown[:MAX_ADDRESSES]:
        address = _address(service, pod.view)
        for port in _ports(service, pod.view):
            by_port[port].add(address)
    by_addresses: dict[frozenset[_Address], list[_Port]] = defaultdict(list)
    for port, addresses in by_port.items():
        by_addresses[frozenset(addresses)].append(port)
    subsets = [_subset(addresses, ports) for addresses, ports in by_addresses.items()]
    return sorted(subsets, key=repr), len(shown) > MAX_ADDRESSES


def _is_shown(service: Cached[Any], pod: Pod) -> bool:
    if pod.finished or not pod.status.pod_ip:
        return False
    return service.view.spec.publish_not_ready_addresses or not pod.metadata.deleting


def _order(pod: Cached[Any]) -> tuple[bool, str]:
    """Ready pods first, so that they are the last to be cut off."""
    return not pod.view.ready_condition, pod.key.name


def _address(service: Cached[Any], pod: Pod) -> _Address:
    """Return (ready, ip, uid, namespace, name, node, hostname) of a pod."""
    ready = pod.ready_condition or service.view.spec.publish_not_ready_addresses
    hostname = pod.spec.hostname if pod.spec.subdomain == service.key.name else ""
    metadata = pod.metadata
    return ready, pod.status.pod_ip, metadata.uid, metadata.namespace, metadata.name, pod.spec.node_name, hostname


def _ports(service: Cached[Any], pod: Pod) -> list[_Port]:
    """Return the ports a pod offers; one empty port stands for a headless Service without ports."""
    if not service.view.spec.ports and service.view.headless:
        return [()]
    found = []
    for port in service.view.spec.ports:
        number = port_of(pod, port)
        if number is not None:
            fields = {"name": port.name, "port": number, "protocol": port.protocol, "appProtocol": port.app_protocol}
            found.append(tuple((key, value) for key, value in fields.items() if value))
    return found


def _subset(addresses: frozenset[_Address], ports: list[_Port]) -> Document:
    ordered = sorted(addresses, key=lambda one: one[1:3])
    subset: Document = {}
    for field, wanted in (("addresses", True), ("notReadyAddresses", False)):
        held = [_address_document(one) for one in ordered if one[0] == wanted]
        if held:
            subset[field] = held
    documents = [dict(port) for port in sorted(ports) if port]
    return {**subset, "ports": documents} if documents else subset


def _address_document(address: _Address) -> Document:
    _, ip, uid, namespace, name, node, hostname = address
    document: Document = {"ip": ip}
    if hostname:
        document["hostname"] = hostname
    if node:
        document["nodeName"] = node
    return document | {"targetRef": {"kind": "Pod", "namespace": namespace, "name": name, "uid": uid}}

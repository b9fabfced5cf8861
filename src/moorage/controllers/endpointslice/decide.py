"""Which slices to write, so that each wanted endpoint is in exactly one, with as few writes as there can be.

In: `Snapshot`. Out: `Plan`. Endpoints stay in the slice they are in; new ones fill what room there is; a slice that
would be empty goes, but the last one stays as a placeholder. Source: facts/statefulset.md 6.2.
"""

import datetime
from dataclasses import dataclass, field

from moorage.api import meta, owners
from moorage.api.refs import Document, key_of
from moorage.api.scheme import ENDPOINTSLICES, SERVICES
from moorage.api.times import format_micro_time
from moorage.api.views.network import SERVICE_LABEL
from moorage.controllers.endpointslice.snapshot import MANAGED_BY, MANAGER, Snapshot
from moorage.controllers.endpointslice.wanted import Ports, Shape, endpoints, port_documents
from moorage.reconcile.actions import Action, Create, Delete, Emit, Update
from moorage.reconcile.plan import Plan

MAX_ENDPOINTS = 100
"""Endpoints of one slice (upstream's default)."""
HEADLESS = "service.kubernetes.io/headless"
CHANGED = "endpoints.kubernetes.io/last-change-trigger-time"


@dataclass(slots=True)
class _Slice:
    """One slice to be: what it is made from, and what it shall hold by pod uid."""

    shape: Shape
    present: Document | None
    members: dict[str, Document] = field(default_factory=dict)
    placeholder: bool = False

    @property
    def room(self) -> int:
        """How many more endpoints fit."""
        return MAX_ENDPOINTS - len(self.members)


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return the writes that bring the slices of a Service up to date."""
    slices = _packed(snapshot, endpoints(snapshot))
    failed = Emit(
        snapshot.service.document,
        "Warning",
        "FailedToUpdateEndpointSlices",
        f"Error updating Endpoint Slices for Service {snapshot.service.key}: {{error}}",
    )
    return Plan(tuple(step for one in slices for step in _writes(snapshot, one, now, failed)))


def _packed(snapshot: Snapshot, wanted: dict[Shape, dict[str, Document]]) -> list[_Slice]:
    """Distribute the wanted endpoints."""
    slices = [_kept(one.document, wanted) for one in snapshot.slices]
    for shape, rest in wanted.items():
        fitting = [one for one in slices if one.shape == shape]
        for uid, endpoint in rest.items():
            target = next((one for one in fitting if one.room), None)
            if target is None:
                target = _fresh(shape, slices)
                fitting.append(target)
            target.members[uid] = endpoint
    if slices and any(one.members for one in slices):
        return slices
    placeholder = Shape((snapshot.service.view.spec.ip_families or ("IPv4",))[0], ())
    _fresh(placeholder, slices).placeholder = True
    return slices


def _fresh(shape: Shape, slices: list[_Slice]) -> _Slice:
    """Return an empty slice of this shape: one that would be deleted is used again, else a new one joins `slices`."""
    for one in slices:
        if not one.members and one.shape.family == shape.family and not one.placeholder:
            one.shape = shape
            return one
    slices.append(_Slice(shape, None))
    return slices[-1]


def _kept(document: Document, wanted: dict[Shape, dict[str, Document]]) -> _Slice:
    """Return a present slice with those of its endpoints that are still wanted; they are taken out of `wanted`."""
    shape = Shape(document["addressType"], _port_key(document))
    kept = _Slice(shape, document)
    rest = wanted.get(shape, {})
    for endpoint in document.get("endpoints") or ():
        uid = (endpoint.get("targetRef") or {}).get("uid", "")
        if uid in rest:
            wanted_now = rest.pop(uid)
            # The very object where nothing changed: the API server then knows it again.
            kept.members[uid] = endpoint if endpoint == wanted_now else wanted_now
    return kept


def _port_key(document: Document) -> Ports:
    return tuple(tuple(sorted(port.items())) for port in document.get("ports") or ())


def _writes(snapshot: Snapshot, one: _Slice, now: datetime.datetime, failed: Emit) -> list[Action]:
    present = one.present
    if present is None:
        return [Create(ENDPOINTSLICES, _new(snapshot, one, now), on_failure=failed)]
    if not one.members and not one.placeholder:
        return [Delete(ENDPOINTSLICES, key_of(present), meta.uid(present), on_failure=failed)]
    held, labels = [*one.members.values()], _labels(snapshot)
    as_wanted = held == (present.get("endpoints") or []) and labels == meta.labels(present)
    if as_wanted and _port_key(present) == one.shape.ports:
        return []
    own = {**present["metadata"], "labels": labels}
    made = {**present, "metadata": own, "endpoints": held, "ports": port_documents(one.shape.ports)}
    meta.set_annotation(made, CHANGED, format_micro_time(now))
    return [Update(ENDPOINTSLICES, made, on_failure=failed)]


def _new(snapshot: Snapshot, one: _Slice, now: datetime.datetime) -> Document:
    service = snapshot.service
    return {
        "apiVersion": ENDPOINTSLICES.api_version,
        "kind": ENDPOINTSLICES.kind,
        "metadata": {
            "generateName": f"{service.key.name[:200]}-",
            "namespace": service.key.namespace,
            "labels": _labels(snapshot),
            "annotations": {CHANGED: format_micro_time(now)},
            "ownerReferences": [owners.controller_reference(service.document, SERVICES)],
        },
        "addressType": one.shape.family,
        "endpoints": [*one.members.values()],
        "ports": port_documents(one.shape.ports),
    }


def _labels(snapshot: Snapshot) -> dict[str, str]:
    """Return the Service's own labels but reserved ones, and those that say whose slice it is."""
    service = snapshot.service.view
    reserved = (SERVICE_LABEL, MANAGED_BY, HEADLESS)
    labels = {key: value for key, value in service.metadata.labels.items() if key not in reserved}
    if service.headless:
        labels[HEADLESS] = ""
    return {**labels, SERVICE_LABEL: service.metadata.name, MANAGED_BY: MANAGER}

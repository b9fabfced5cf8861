"""EndpointSlice: addresses of a Service with their readiness.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/discovery/validation, pkg/registry/discovery/endpointslice.
"""

import datetime
from itertools import zip_longest
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.documents import indexed, items, without
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.addresses import special_address
from moorage.apiserver.validation.errors import duplicate, invalid, invalid_each, required, too_many
from moorage.apiserver.validation.values import immutable, named, one_of

_TYPES = ("IPv4", "IPv6", "FQDN")
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_MAX_ENDPOINTS, _MAX_PORTS, _MAX_ADDRESSES = 1000, 20000, 100
_SHOWN = 3


def default(document: Document) -> None:
    """A port has a name, be it empty, and speaks TCP."""
    for port in items(document, "ports"):
        fill(port, {"name": ""})
        fill_empty(port, {"protocol": "TCP"})


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata, address type, endpoints and ports."""
    return _judged(document, [])


def _judged(document: Document, before: list[Document]) -> list[FieldError]:
    """Check all but those endpoints that are what they were, in the same place of a slice that was sound."""
    kind = document.get("addressType", "")
    found = metadata.created(document, names.dns_subdomain)
    found += one_of("addressType", kind, _TYPES) if kind else [required("addressType")]
    endpoints = items(document, "endpoints")
    if len(endpoints) > _MAX_ENDPOINTS:
        found.append(too_many("endpoints", len(endpoints), _MAX_ENDPOINTS))
    for (where, endpoint), old in zip_longest(indexed("endpoints", endpoints), before[: len(endpoints)]):
        if endpoint != old:
            found += _endpoint(where, endpoint, kind)
    return found + _ports(items(document, "ports"))


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """The address type stays."""
    before = items(old, "endpoints") if new.get("addressType") == old.get("addressType") else []
    return [*metadata.updated(new, old), *_judged(new, before), *immutable(new, old, ("addressType",))]


def settled(old: Document, _subresource: str) -> list[Document]:
    """Return the endpoints: only ports have defaults."""
    return items(old, "endpoints")


def _endpoint(path: str, endpoint: Document, kind: str) -> list[FieldError]:
    found = []
    addresses = items(endpoint, "addresses")
    if not addresses:
        found.append(required(f"{path}.addresses", "must contain at least 1 address"))
    elif len(addresses) > _MAX_ADDRESSES:
        found.append(too_many(f"{path}.addresses", len(addresses), _MAX_ADDRESSES))
    for where, address in indexed(f"{path}.addresses", addresses):
        found += _address(where, address, kind)
    if "nodeName" in endpoint:
        found += named(f"{path}.nodeName", endpoint["nodeName"], names.dns_subdomain)
    if "hostname" in endpoint:
        found += named(f"{path}.hostname", endpoint["hostname"], names.dns_label)
    return found


def _address(path: str, address: str, kind: str) -> list[FieldError]:
    if kind == "FQDN":
        return named(path, address, names.dns_subdomain)
    problems = names.ip_address(address)
    if problems:
        return invalid_each(path, address, problems)
    if (":" in address) != (kind == "IPv6"):
        family = "IPv6" if kind == "IPv6" else "IPv4"
        return [invalid(path, address, f"must be an {family} address")] if kind in _TYPES else []
    return special_address(path, address)


def _ports(ports: list[Document]) -> list[FieldError]:
    found: list[FieldError] = []
    if len(ports) > _MAX_PORTS:
        return [too_many("ports", len(ports), _MAX_PORTS)]
    seen: set[str] = set()
    for where, port in indexed("ports", ports):
        name = port.get("name", "")
        if name:
            found += named(f"{where}.name", name, names.dns_label)
        if name in seen:
            found.append(duplicate(f"{where}.name", name))
        seen.add(name)
        found += one_of(f"{where}.protocol", port.get("protocol", ""), _PROTOCOLS)
        if "appProtocol" in port:
            found += named(f"{where}.appProtocol", port["appProtocol"], names.qualified_name)
    return found


def bumps_generation(new: Document, old: Document) -> bool:
    """Return whether anything but metadata changed, or labels did."""
    kept = ("metadata",)
    return without(new, *kept) != without(old, *kept) or meta.labels(new) != meta.labels(old)


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    ports = [str(port.get("port", port.get("name") or "*")) for port in items(document, "ports")]
    addresses = [one for endpoint in items(document, "endpoints") for one in items(endpoint, "addresses")]
    return [
        meta.name(document),
        document.get("addressType", ""),
        cells.some_of(ports, _SHOWN) or cells.UNSET,
        cells.some_of(addresses, _SHOWN) or cells.UNSET,
        cells.age(document, now),
    ]


STRATEGY = Strategy(
    scheme.ENDPOINTSLICES,
    default=default,
    settled=settled,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("AddressType"), Column("Ports"), Column("Endpoints"), Column("Age")),
    row=row,
    bumps_generation=bumps_generation,
)

"""Endpoints: the older list of a Service's addresses.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (ValidateEndpoints), pkg/printers/internalversion.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill_empty
from moorage.apiserver.documents import indexed, items
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.addresses import special_address
from moorage.apiserver.validation.errors import invalid_each, required
from moorage.apiserver.validation.values import named, needed, one_of

_SHOWN = 3
_PROTOCOLS = ("TCP", "UDP", "SCTP")


def default(document: Document) -> None:
    """A port speaks TCP."""
    for subset in items(document, "subsets"):
        for port in items(subset, "ports"):
            fill_empty(port, {"protocol": "TCP"})


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata, addresses and ports."""
    found = metadata.created(document, names.dns_subdomain)
    for path, subset in indexed("subsets", items(document, "subsets")):
        found += _subset(path, subset)
    return found


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Check the whole object."""
    return [*metadata.updated(new, old), *validate_create(new)]


def _subset(path: str, subset: Document) -> list[FieldError]:
    found: list[FieldError] = []
    ready, waiting, ports = (items(subset, key) for key in ("addresses", "notReadyAddresses", "ports"))
    if not ready and not waiting:
        found.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
    for key, addresses in (("addresses", ready), ("notReadyAddresses", waiting)):
        for where, address in indexed(f"{path}.{key}", addresses):
            found += _address(where, address)
    for where, port in indexed(f"{path}.ports", ports):
        found += _port(where, port, several=len(ports) > 1)
    return found


def _address(path: str, address: Document) -> list[FieldError]:
    text = address.get("ip", "")
    problems = names.ip_address(text)
    found = invalid_each(f"{path}.ip", text, problems)
    if address.get("hostname"):
        found += named(f"{path}.hostname", address["hostname"], names.dns_label)
    if address.get("nodeName"):
        found += named(f"{path}.nodeName", address["nodeName"], names.dns_subdomain)
    return found if problems else found + special_address(f"{path}.ip", text)


def _port(path: str, port: Document, *, several: bool) -> list[FieldError]:
    name, protocol = port.get("name", ""), port.get("protocol", "")
    found = []
    if several and not name:
        found.append(required(f"{path}.name"))
    elif name:
        found += named(f"{path}.name", name, names.dns_label)
    found += invalid_each(f"{path}.port", port.get("port", 0), names.port_number(port.get("port", 0)))
    found += needed(f"{path}.protocol", protocol) or one_of(f"{path}.protocol", protocol, _PROTOCOLS)
    if "appProtocol" in port:
        found += named(f"{path}.appProtocol", port["appProtocol"], names.qualified_name)
    return found


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    subsets = items(document, "subsets")
    texts = [text for subset in subsets for text in _texts(subset)]
    return [meta.name(document), cells.some_of(texts, _SHOWN) if subsets else cells.NONE, cells.age(document, now)]


def _texts(subset: Document) -> list[str]:
    """Return `address:port` for each port of each address; a subset without ports gives bare addresses."""
    addresses = [address.get("ip", "") for address in items(subset, "addresses")]
    ports = items(subset, "ports")
    if not ports:
        return addresses
    return [f"{_host(address)}:{port.get('port', 0)}" for port in ports for address in addresses]


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


STRATEGY = Strategy(
    scheme.ENDPOINTS,
    default=default,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Endpoints"), Column("Age")),
    row=row,
    create_on_update=True,
)

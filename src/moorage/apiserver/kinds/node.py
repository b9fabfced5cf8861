"""Node: a machine, its addresses and taints.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (ValidateNode, ValidateNodeUpdate), pkg/registry/core/node.
"""

import datetime
import ipaddress
from typing import Any

from moorage.api import conditions, meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill
from moorage.apiserver.defaulting.resources import default_amounts
from moorage.apiserver.documents import indexed, items, keep, own, part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import duplicate, forbidden, go_strings, invalid, invalid_each, required
from moorage.apiserver.validation.scheduling import TAINT_EFFECTS
from moorage.apiserver.validation.values import one_of

_ROLE = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def default(document: Document) -> None:
    """Keep podCIDR the first of podCIDRs; allocatable stands for capacity where it is absent."""
    spec, status = own(document, "spec"), own(document, "status")
    if spec.get("podCIDR") and spec["podCIDR"] not in items(spec, "podCIDRs")[:1]:
        spec["podCIDRs"] = [spec["podCIDR"]]
    if spec.get("podCIDRs"):
        spec["podCIDR"] = spec["podCIDRs"][0]
    if status.get("capacity"):
        fill(status, {"allocatable": status["capacity"]})
    default_amounts(part(status, "capacity"))
    default_amounts(part(status, "allocatable"))


def prepare_update(new: Document, old: Document) -> None:
    """Only `/status` changes the status. A new podCIDR replaces an old podCIDRs."""
    keep(new, old, "status")


def prepare_status(new: Document, old: Document) -> None:
    """The spec stays."""
    keep(new, old, "spec")


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata, taints and pod networks."""
    return [
        *metadata.created(document, names.dns_subdomain, namespaced=False),
        *_taints("metadata.taints", items(document, "spec", "taints")),
        *_networks(items(document, "spec", "podCIDRs")),
    ]


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Let pod networks and provider be set once."""
    found = metadata.updated(new, old)
    before, after = part(old, "spec"), part(new, "spec")
    found += _addresses(items(new, "status", "addresses"))
    if before.get("podCIDRs") and before["podCIDRs"] != after.get("podCIDRs"):
        found.append(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'))
    if before.get("providerID") and before["providerID"] != after.get("providerID"):
        found.append(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'))
    return found + _taints("metadata.taints", items(new, "spec", "taints"))


def _taints(path: str, taints: list[Document]) -> list[FieldError]:
    """Check taints; upstream reports them under `metadata`."""
    found: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for where, taint in indexed(path, taints):
        key, effect = taint.get("key", ""), taint.get("effect", "")
        found += invalid_each(f"{where}.key", key, names.qualified_name(key))
        found += invalid_each(f"{where}.value", taint.get("value", ""), names.label_value(taint.get("value", "")))
        found += _effect(f"{where}.effect", effect)
        if (key, effect) in seen:
            shown = duplicate(where, taint)
            found.append(shown._replace(detail="taints must be unique by key and effect pair"))
        seen.add((key, effect))
    return found


def _effect(path: str, effect: str) -> list[FieldError]:
    return one_of(path, effect, TAINT_EFFECTS) if effect else [required(path)]


def _networks(networks: list[str]) -> list[FieldError]:
    path = "spec.podCIDRs"
    if not networks:
        return []
    found = []
    for where, network in indexed(path, networks):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            found.append(invalid(where, network, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"))
    if len(networks) > 2:
        found.append(invalid(path, go_strings(networks), "may specify no more than one CIDR for each IP family"))
    return found


def _addresses(addresses: list[Document]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for where, address in indexed("status.addresses", addresses):
        pair = (address.get("type", ""), address.get("address", ""))
        if pair in seen:
            found.append(duplicate(where, address))
        seen.add(pair)
    return found


def fields(document: Document) -> dict[str, str]:
    """Return what it can be selected by."""
    return {"spec.unschedulable": str(bool(part(document, "spec").get("unschedulable"))).lower()}


_COLUMNS = (
    Column("Status"),
    Column("Roles"),
    Column("Age"),
    Column("Version"),
    Column("Internal-IP", priority=1),
    Column("External-IP", priority=1),
    Column("OS-Image", priority=1),
    Column("Kernel-Version", priority=1),
    Column("Container-Runtime", priority=1),
)


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    info = part(document, "status", "nodeInfo")
    unknown = (info.get(key) or cells.UNKNOWN for key in ("osImage", "kernelVersion", "containerRuntimeVersion"))
    return [
        meta.name(document),
        _status_text(document),
        ",".join(_roles(document)) or cells.NONE,
        cells.age(document, now),
        info.get("kubeletVersion", ""),
        _address(document, "InternalIP"),
        _address(document, "ExternalIP"),
        *unknown,
    ]


def _status_text(document: Document) -> str:
    condition = conditions.find(conditions.conditions(document), "Ready")
    if condition is None:
        words = ["Unknown"]
    else:
        words = ["Ready" if condition.get("status") == "True" else "NotReady"]
    if part(document, "spec").get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(document: Document) -> list[str]:
    """Return the sorted roles that labels name."""
    labels = meta.labels(document)
    found = {key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE) and key != _ROLE}
    if labels.get(_ROLE_LABEL):
        found.add(labels[_ROLE_LABEL])
    return sorted(found)


def _address(document: Document, kind: str) -> str:
    addresses = items(document, "status", "addresses")
    return next((address["address"] for address in addresses if address.get("type") == kind), cells.NONE)


STRATEGY = Strategy(
    scheme.NODES,
    default=default,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=validate_create,
    validate_update=validate_update,
    validate_status=validate_update,
    columns=_COLUMNS,
    row=row,
    fields=fields,
    has_status=True,
)

"""Service: one name and address for a set of pods.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/core/service, pkg/apis/core/validation. Addresses and node ports are
allocated by the API server between `prepare_create` and validation; here is only what follows from the document itself.
The cluster has one address family, IPv4.
"""

import datetime
from typing import Any

from moorage.api import labels, meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill_empty
from moorage.apiserver.documents import items, keep, own, part
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import service as rules

_TIMEOUT_SECONDS = 3 * 3600
_WITH_ADDRESS = ("ClusterIP", "NodePort", "LoadBalancer")
_EXTERNAL = ("NodePort", "LoadBalancer")
NO_ADDRESS = "None"


def default(document: Document) -> None:
    """Fill the spec."""
    spec = own(document, "spec")
    fill_empty(spec, {"sessionAffinity": "None", "type": "ClusterIP"})
    _affinity(spec)
    for port in items(spec, "ports"):
        fill_empty(port, {"protocol": "TCP"})
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] in _EXTERNAL:
        fill_empty(spec, {"externalTrafficPolicy": "Cluster"})
    if spec["type"] in _WITH_ADDRESS:
        fill_empty(spec, {"internalTrafficPolicy": "Cluster"})
    if spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is None:
        spec["allocateLoadBalancerNodePorts"] = True


def _affinity(spec: Document) -> None:
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    if spec["sessionAffinity"] == "ClientIP":
        client = own(own(spec, "sessionAffinityConfig"), "clientIP")
        if client.get("timeoutSeconds") is None:
            client["timeoutSeconds"] = _TIMEOUT_SECONDS


def prepare_create(document: Document) -> None:
    """Drop the status, and derive families and the list of addresses."""
    document["status"] = {"loadBalancer": {}}
    spec = own(document, "spec")
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    _families(spec)


def prepare_update(new: Document, old: Document) -> None:
    """Keep the status, and what an update that does not name it must not lose."""
    keep(new, old, "status")
    spec, before = own(new, "spec"), part(old, "spec")
    if spec.get("type") != "ExternalName" and before.get("type") != "ExternalName":
        _keep_addresses(spec, before)
        _keep_node_ports(spec, before)
    if before.get("type") != "ExternalName" and spec.get("type") == "ExternalName":
        _release_addresses(spec, before)
    _drop_of_other_types(spec, before)
    _families(spec)


def prepare_status(new: Document, old: Document) -> None:
    """The spec stays."""
    keep(new, old, "spec")


def _families(spec: Document) -> None:
    """Fill the address families of a single-stack cluster. Headless without selector means both, as upstream has it."""
    if spec.get("type") == "ExternalName":
        return
    headless_alone = spec.get("clusterIP") == NO_ADDRESS and not spec.get("selector")
    if headless_alone and not spec.get("ipFamilyPolicy") and not spec.get("ipFamilies"):
        spec["ipFamilyPolicy"], spec["ipFamilies"] = "RequireDualStack", ["IPv4", "IPv6"]
    fill_empty(spec, {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"]})


def _keep_addresses(spec: Document, before: Document) -> None:
    """An update that names no address keeps them; one that changes only the first is taken to mean the list."""
    address, addresses = spec.get("clusterIP"), spec.get("clusterIPs") or []
    old_address, old_addresses = before.get("clusterIP"), before.get("clusterIPs") or []
    if not address and not addresses:
        spec.update({key: before[key] for key in ("clusterIP", "clusterIPs") if key in before})
    elif address != old_address and addresses == old_addresses:
        spec["clusterIPs"] = [address] if address else []
    elif not addresses and address == old_address:
        spec["clusterIPs"] = list(old_addresses)
    elif addresses and not address:
        spec["clusterIP"] = addresses[0]
    for key in ("ipFamilies", "ipFamilyPolicy"):
        if not spec.get(key) and key in before:
            spec[key] = before[key]


def _keep_node_ports(spec: Document, before: Document) -> None:
    """Ports that keep protocol and number keep their node port."""
    if not (_needs_node_ports(spec) and _needs_node_ports(before)):
        return
    old_ports = items(before, "ports")
    known = {(port.get("protocol"), port.get("port")): port.get("nodePort") for port in old_ports}
    taken = {port.get("nodePort") for port in items(spec, "ports")}
    for port in items(spec, "ports"):
        kept = known.get((port.get("protocol"), port.get("port")))
        if not port.get("nodePort") and kept and kept not in taken:
            port["nodePort"] = kept
    if _needs_health_port(spec) and before.get("healthCheckNodePort"):
        fill_empty(spec, {"healthCheckNodePort": before["healthCheckNodePort"]})


def _release_addresses(spec: Document, before: Document) -> None:
    """Becoming an ExternalName gives the addresses back, unless the update asks for others."""
    for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(key) == before.get(key):
            spec.pop(key, None)


def _drop_of_other_types(spec: Document, before: Document) -> None:
    """Drop what only the old type had use for, where the update did not change it."""
    if _needs_node_ports(before) and not _needs_node_ports(spec):
        old_ports = [port.get("nodePort") for port in items(before, "ports")]
        for port in items(spec, "ports"):
            if port.get("nodePort") in old_ports:
                port.pop("nodePort", None)
    dropped = (
        (_needs_health_port, "healthCheckNodePort"),
        (_is_balanced, "allocateLoadBalancerNodePorts"),
        (_is_balanced, "loadBalancerClass"),
        (_is_external, "externalTrafficPolicy"),
        (_has_address, "internalTrafficPolicy"),
    )
    for needed, key in dropped:
        if needed(before) and not needed(spec) and spec.get(key) == before.get(key):
            spec.pop(key, None)


def _is_balanced(spec: Document) -> bool:
    return spec.get("type") == "LoadBalancer"


def _is_external(spec: Document) -> bool:
    return spec.get("type") in _EXTERNAL


def _has_address(spec: Document) -> bool:
    return spec.get("type") in _WITH_ADDRESS


def _needs_health_port(spec: Document) -> bool:
    return _is_balanced(spec) and spec.get("externalTrafficPolicy") == "Local"


def _needs_node_ports(spec: Document) -> bool:
    balanced = _is_balanced(spec) and spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == "NodePort" or balanced


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec = part(document, "spec")
    addresses = items(spec, "clusterIPs")
    return [
        meta.name(document),
        spec.get("type", ""),
        addresses[0] if addresses else cells.NONE,
        _external(document),
        ",".join(_port(port) for port in items(spec, "ports")) or cells.NONE,
        cells.age(document, now),
        labels.format_labels(spec.get("selector")),
    ]


def _external(document: Document) -> str:
    spec = part(document, "spec")
    if spec.get("type") == "ExternalName":
        return spec.get("externalName") or ""
    addresses: list[str] = list(items(spec, "externalIPs"))
    if spec.get("type") == "LoadBalancer":
        ingress = items(document, "status", "loadBalancer", "ingress")
        balanced = sorted({one.get("ip") or one.get("hostname") or "" for one in ingress} - {""})
        return ",".join([*balanced, *addresses]) or "<pending>"
    return ",".join(addresses) or cells.NONE


def _port(port: Document) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port', 0)}{node}/{port.get('protocol', '')}"


STRATEGY = Strategy(
    scheme.SERVICES,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    columns=(
        Column("Type"),
        Column("Cluster-IP"),
        Column("External-IP"),
        Column("Port(s)"),
        Column("Age"),
        Column("Selector", priority=1),
    ),
    row=row,
    has_status=True,
    create_on_update=True,
)

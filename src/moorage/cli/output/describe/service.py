"""A Service in detail.

In: Service document, its EndpointSlices as `around.related`. Out: lines. Layout: kubectl 1.32 describe service.
"""

from collections.abc import Iterable, Sequence

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import NONE, UNSET, Around, Sheet

MOST_ENDPOINTS = 3
"""Addresses named one by one; the others are counted."""


def write(sheet: Sheet, service: Document, around: Around) -> None:
    """Fill the page."""
    spec = service.get("spec") or {}
    sheet.head(service)
    sheet.field("Selector", labels.format_labels(spec.get("selector")))
    sheet.field("Type", spec.get("type", ""))
    if spec.get("ipFamilyPolicy"):
        sheet.field("IP Family Policy", spec["ipFamilyPolicy"])
    if spec.get("ipFamilies"):
        sheet.field("IP Families", ",".join(spec["ipFamilies"]))
    sheet.field("IP", spec.get("clusterIP", ""))
    sheet.field("IPs", ",".join(spec.get("clusterIPs") or ()) or NONE)
    if spec.get("externalIPs"):
        sheet.field("External IPs", ",".join(spec["externalIPs"]))
    _balancer(sheet, service)
    for port in spec.get("ports") or ():
        _port(sheet, port, around.related)
    sheet.field("Session Affinity", spec.get("sessionAffinity", ""))
    for title, key in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("Traffic Distribution", "trafficDistribution"),
    ):
        if spec.get(key):
            sheet.field(title, spec[key])
    if spec.get("healthCheckNodePort"):
        sheet.field("HealthCheck NodePort", spec["healthCheckNodePort"])
    if spec.get("loadBalancerSourceRanges"):
        sheet.field("LoadBalancer Source Ranges", ",".join(spec["loadBalancerSourceRanges"]))


def _balancer(sheet: Sheet, service: Document) -> None:
    spec = service.get("spec") or {}
    if spec.get("loadBalancerIP"):
        sheet.field("Desired LoadBalancer IP", spec["loadBalancerIP"])
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    if ingress:
        sheet.field("LoadBalancer Ingress", ", ".join(one.get("ip") or one.get("hostname", "") for one in ingress))
    if spec.get("externalName"):
        sheet.field("External Name", spec["externalName"])


def _port(sheet: Sheet, port: Document, slices: Sequence[Document]) -> None:
    name, protocol = port.get("name") or UNSET, port.get("protocol", "")
    sheet.line(f"Port:\t{name}\t{port['port']}/{protocol}")
    sheet.field("TargetPort", f"{port.get('targetPort', '')}/{protocol}")
    if port.get("nodePort"):
        sheet.line(f"NodePort:\t{name}\t{port['nodePort']}/{protocol}")
    sheet.field("Endpoints", show_endpoints(_addresses(slices, port)))


def _addresses(slices: Sequence[Document], port: Document) -> Iterable[str]:
    """Yield `address:port` of every ready endpoint of one port of the Service."""
    for one in slices:
        number = next(
            (p.get("port") for p in one.get("ports") or () if (p.get("name") or "") == port.get("name", "")), None
        )
        for endpoint in one.get("endpoints") or () if number else ():
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                yield from (_joined(address, number) for address in endpoint["addresses"])


def _joined(address: str, number: object) -> str:
    return f"[{address}]:{number}" if ":" in address else f"{address}:{number}"


def show_endpoints(addresses: Iterable[str]) -> str:
    """Return the first addresses, and how many more there are."""
    found = list(addresses)
    more = len(found) - MOST_ENDPOINTS
    text = ",".join(found[:MOST_ENDPOINTS]) or ("" if found else NONE)
    return f"{text} + {more} more..." if more > 0 else text

"""Which addresses and ports of a Service lead where.

In: views of Services and their slices. Out: `Port`s. Pure. Rules: kubernetes.io "Virtual IPs and Service Proxies"; KEP-1669
(terminating endpoints take over where no other is ready). All nodes of a cluster are one machine's, so a traffic policy of
`Local` leaves nobody out.
"""

from collections.abc import Iterable
from typing import NamedTuple

from moorage.api.views.network import Endpoint, EndpointSlice, Service, ServicePort


class Port(NamedTuple):
    """One port of one Service.

    Args:
        name: `namespace/service:port`, for comments.
        protocol: `tcp`, `udp` or `sctp`.
        addresses: addresses at which the Service answers.
        port: its port there.
        node_port: its port on every address of the machine, 0 for none.
        sticky: a client always reaches the same endpoint (`sessionAffinity: ClientIP`).
        endpoints: address and port of each that may answer, sorted; none of them: connections are refused.
    """

    name: str
    protocol: str
    addresses: tuple[str, ...]
    port: int
    node_port: int
    sticky: bool
    endpoints: tuple[tuple[str, int], ...]


def ports(service: Service, slices: Iterable[EndpointSlice]) -> list[Port]:
    """Return the ports of a Service; none where it has no address of its own. O(endpoints)."""
    spec = service.spec
    addresses = tuple(one for one in (spec.cluster_ip, *spec.external_ips) if one and one != "None")
    if not addresses or spec.type == "ExternalName":
        return []
    known = [one for one in slices if one.address_type == "IPv4"]
    key = f"{service.metadata.namespace}/{service.metadata.name}"
    return [
        Port(
            f"{key}:{port.name or port.port}",
            port.protocol.lower(),
            addresses,
            port.port,
            port.node_port,
            spec.session_affinity == "ClientIP",
            _endpoints(port, known),
        )
        for port in spec.ports
    ]


def _endpoints(port: ServicePort, slices: Iterable[EndpointSlice]) -> tuple[tuple[str, int], ...]:
    """Return who answers for a port: the ready ones, else those that end but still serve."""
    ready, ending = set(), set()
    for one in slices:
        for target in one.ports or ():
            if (target.name or "") != port.name or (target.protocol or "TCP") != port.protocol or not target.port:
                continue
            for endpoint in one.endpoints or ():
                found = {(address, target.port) for address in endpoint.addresses[:1]}
                ready |= found if endpoint.conditions.ready is not False else set()
                ending |= found if _still_serves(endpoint) else set()
    return tuple(sorted(ready or ending))


def _still_serves(endpoint: Endpoint) -> bool:
    conditions = endpoint.conditions
    return bool(conditions.terminating) and conditions.serving is not False

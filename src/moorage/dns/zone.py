"""The cluster's records, kept per Service: replacing one Service's records costs its own size, whatever the rest.

In: Service and EndpointSlice views. Out: `Zone.find(name)` → records by type. Source: kubernetes/dns specification 1.1.0
and CoreDNS' kubernetes plugin, where the specification leaves a choice (facts: statefulset 6.1).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from moorage.api.refs import ObjectKey
from moorage.api.views.network import Endpoint, EndpointSlice, Service
from moorage.base.limits import DNS_TTL_SECONDS
from moorage.dns import names
from moorage.dns.message import Record, Type
from moorage.dns.names import Name

K = TypeVar("K")

_ADDRESS_TYPE = {"IPv4": Type.A, "IPv6": Type.AAAA}
_PRIORITY, _WEIGHT_TOTAL = 0, 100


def records_of(domain: Name, service: Service, slices: Sequence[EndpointSlice]) -> list[Record]:
    """Return every record that one Service gives rise to."""
    owner = (service.metadata.name, service.metadata.namespace, "svc", *domain)
    if service.spec.type == "ExternalName":
        return [Record(owner, Type.CNAME, DNS_TTL_SECONDS, (names.parse(service.spec.external_name),))]
    if service.headless:
        return list(_headless(owner, slices))
    return list(_with_address(owner, service))


def _with_address(owner: Name, service: Service) -> Iterator[Record]:
    for address in service.spec.cluster_ips or (service.spec.cluster_ip,):
        if address:
            yield _address(owner, address)
            yield Record(names.reverse(address), Type.PTR, DNS_TTL_SECONDS, (owner,))
    for port in service.spec.ports:
        if port.name:
            yield _srv(owner, port.name, port.protocol, port.port, owner, 1)


def _headless(owner: Name, slices: Sequence[EndpointSlice]) -> Iterator[Record]:
    count = sum(1 for one in slices for endpoint in one.endpoints or () if _published(endpoint))
    for one in slices:
        if one.address_type not in _ADDRESS_TYPE:
            continue
        for endpoint in filter(_published, one.endpoints or ()):
            yield from _endpoint(owner, endpoint, one, count)


def _endpoint(owner: Name, endpoint: Endpoint, one: EndpointSlice, count: int) -> Iterator[Record]:
    for address in endpoint.addresses:
        host = (endpoint.hostname or names.dashed(address), *owner)
        yield _address(owner, address)
        yield _address(host, address)
        if endpoint.hostname:
            yield Record(names.reverse(address), Type.PTR, DNS_TTL_SECONDS, (host,))
        for port in one.ports or ():
            if port.name and port.port:
                yield _srv(owner, port.name, port.protocol or "TCP", port.port, host, count)


def _published(endpoint: Endpoint) -> bool:
    # An absent condition counts as ready (discovery/v1 API reference, EndpointConditions).
    return endpoint.conditions.ready is not False


def _address(owner: Name, address: str) -> Record:
    return Record(owner, Type.AAAA if ":" in address else Type.A, DNS_TTL_SECONDS, (address,))


def _srv(owner: Name, port_name: str, protocol: str, port: int, target: Name, count: int) -> Record:
    name = (f"_{port_name.lower()}", f"_{protocol.lower()}", *owner)
    weight = max(_WEIGHT_TOTAL // max(count, 1), 1)
    return Record(name, Type.SRV, DNS_TTL_SECONDS, (_PRIORITY, weight, port, target))


class Zone:
    """All records of the cluster.

    Args:
        domain: e.g. `cluster.local`.
    """

    def __init__(self, domain: str) -> None:
        self.domain = names.parse(domain)
        self._by_service: dict[ObjectKey, list[Record]] = {}
        self._by_name: dict[Name, dict[Record, int]] = {}
        # Names that exist only because names below them do ("empty non-terminals", RFC 8020): NODATA, not NXDOMAIN.
        self._above: dict[Name, int] = {}
        self._insert([Record(("dns-version", *self.domain), Type.TXT, DNS_TTL_SECONDS, ("1.1.0",))])

    def replace(self, key: ObjectKey, service: Service | None, slices: Iterable[EndpointSlice]) -> None:
        """Make the records of one Service what these views say; None removes them. Cost: the records of this Service."""
        new = records_of(self.domain, service, list(slices)) if service else []
        old = self._by_service.pop(key, [])
        if new:
            self._by_service[key] = new
        self._insert(new)
        self._remove(old)

    def keys(self) -> set[ObjectKey]:
        """Return the Services that have records."""
        return set(self._by_service)

    def find(self, name: Name) -> list[Record]:
        """Return all records of a name."""
        return list(self._by_name.get(name, ()))

    def exists(self, name: Name) -> bool:
        """Return whether the name or a name below it has records."""
        return name in self._by_name or name in self._above or name == self.domain

    def covers(self, name: Name) -> bool:
        """Return whether this server alone answers for the name: the zone, or the reverse name of one of its addresses."""
        return names.below(name, self.domain) or name in self._by_name

    def _insert(self, records: Iterable[Record]) -> None:
        for record in records:
            owned = self._by_name.setdefault(record.name, {})
            owned[record] = owned.get(record, 0) + 1
            for parent in self._parents(record.name):
                self._above[parent] = self._above.get(parent, 0) + 1

    def _remove(self, records: Iterable[Record]) -> None:
        for record in records:
            owned = self._by_name[record.name]
            _decrement(owned, record)
            if not owned:
                del self._by_name[record.name]
            for parent in self._parents(record.name):
                _decrement(self._above, parent)

    def _parents(self, name: Name) -> Iterator[Name]:
        if names.below(name, self.domain):
            for index in range(1, len(name) - len(self.domain)):
                yield name[index:]


def _decrement(counts: dict[K, int], key: K) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]

"""The cluster's records, kept per Service and slice: a change costs what it changes, whatever the size of the rest.

In: Service and EndpointSlice views. Out: `Zone.find(name)` → records by type. Source: kubernetes/dns specification 1.1.0
and CoreDNS' kubernetes plugin, where the specification leaves a choice (facts: statefulset 6.1).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from moorage.api.refs import ObjectKey
from moorage.api.views.network import Endpoint, EndpointPort, EndpointSlice, Service
from moorage.base.limits import DNS_TTL_SECONDS
from moorage.dns import names
from moorage.dns.message import Record, Type
from moorage.dns.names import Name

K = TypeVar("K")

_FAMILIES = frozenset({"IPv4", "IPv6"})
_PRIORITY, _WEIGHT_TOTAL = 0, 100


class Form(NamedTuple):
    """What all records of one slice share: equal endpoints of equal forms have equal records."""

    owner: Name
    ports: tuple[EndpointPort, ...]
    weight: int


class Part(NamedTuple):
    """One slice's part of a headless Service's records.

    Args:
        view: the slice.
        form: see `Form`.
        endpoints: those it publishes, in order.
    """

    view: EndpointSlice
    form: Form
    endpoints: dict[Endpoint, None]


class Share(NamedTuple):
    """All that one Service gives rise to: a few records of its own, and a part for each slice by its name."""

    own: tuple[Record, ...] = ()
    parts: Mapping[str, Part] = MappingProxyType({})


def share_of(domain: Name, service: Service | None, slices: Sequence[EndpointSlice], before: Share) -> Share:
    """Return what a Service gives rise to now.

    Args:
        domain: of the cluster.
        service: None where it is gone.
        slices: its slices.
        before: its share until now: a slice that has not changed since is not read again.
    """
    if service is None:
        return Share()
    owner = (service.metadata.name, service.metadata.namespace, "svc", *domain)
    if service.spec.type == "ExternalName":
        return Share((Record(owner, Type.CNAME, DNS_TTL_SECONDS, (names.parse(service.spec.external_name),)),))
    if not service.headless:
        return Share(tuple(_with_address(owner, service)))
    shown = {one.metadata.name: (one, _endpoints(one, before)) for one in slices if one.address_type in _FAMILIES}
    weight = max(_WEIGHT_TOTAL // max(sum(len(endpoints) for _, endpoints in shown.values()), 1), 1)
    return Share(parts={name: _part(owner, one, endpoints, weight) for name, (one, endpoints) in shown.items()})


def records_of(part: Part, endpoints: Iterable[Endpoint]) -> Iterator[Record]:
    """Yield the records of some endpoints of a part."""
    owner, ports, weight = part.form
    for endpoint in endpoints:
        for address in endpoint.addresses:
            host = (endpoint.hostname or names.dashed(address), *owner)
            yield _address(owner, address)
            yield _address(host, address)
            if endpoint.hostname:
                yield Record(names.reverse(address), Type.PTR, DNS_TTL_SECONDS, (host,))
            for port in ports:
                yield _srv(owner, port.name or "", port.protocol or "TCP", port.port or 0, host, weight)


def _part(owner: Name, one: EndpointSlice, endpoints: dict[Endpoint, None], weight: int) -> Part:
    ports = tuple(port for port in one.ports or () if port.name and port.port)
    return Part(one, Form(owner, ports, weight if ports else 0), endpoints)


def _endpoints(one: EndpointSlice, before: Share) -> dict[Endpoint, None]:
    known = before.parts.get(one.metadata.name)
    if known is not None and known.view is one:
        return known.endpoints
    return dict.fromkeys(filter(_published, one.endpoints or ()))


def _with_address(owner: Name, service: Service) -> Iterator[Record]:
    for address in service.spec.cluster_ips or (service.spec.cluster_ip,):
        if address:
            yield _address(owner, address)
            yield Record(names.reverse(address), Type.PTR, DNS_TTL_SECONDS, (owner,))
    for port in service.spec.ports:
        if port.name:
            yield _srv(owner, port.name, port.protocol, port.port, owner, _WEIGHT_TOTAL)


def _published(endpoint: Endpoint) -> bool:
    # An absent condition counts as ready (discovery/v1 API reference, EndpointConditions).
    return endpoint.conditions.ready is not False


def _address(owner: Name, address: str) -> Record:
    return Record(owner, Type.AAAA if ":" in address else Type.A, DNS_TTL_SECONDS, (address,))


def _srv(owner: Name, port_name: str, protocol: str, port: int, target: Name, weight: int) -> Record:
    name = (f"_{port_name.lower()}", f"_{protocol.lower()}", *owner)
    return Record(name, Type.SRV, DNS_TTL_SECONDS, (_PRIORITY, weight, port, target))


class Zone:
    """All records of the cluster.

    Args:
        domain: e.g. `cluster.local`.
    """

    def __init__(self, domain: str) -> None:
        self.domain = names.parse(domain)
        self._by_service: dict[ObjectKey, Share] = {}
        self._by_name: dict[Name, dict[Record, int]] = {}
        # Names that exist only because names below them do ("empty non-terminals", RFC 8020): NODATA, not NXDOMAIN.
        self._above: dict[Name, int] = {}
        self._insert([Record(("dns-version", *self.domain), Type.TXT, DNS_TTL_SECONDS, ("1.1.0",))])

    def replace(self, key: ObjectKey, service: Service | None, slices: Iterable[EndpointSlice]) -> None:
        """Make the records of one Service what these views say; None removes them. Cost: the endpoints of the slices
        that changed, and the records that differ.
        """
        before = self._by_service.pop(key, Share())
        after = share_of(self.domain, service, list(slices), before)
        if after.own or after.parts:
            self._by_service[key] = after
        self._insert(after.own)
        self._remove(before.own)
        for name in {**before.parts, **after.parts}:
            self._move(before.parts.get(name), after.parts.get(name))

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

    def _move(self, before: Part | None, after: Part | None) -> None:
        """Replace one slice's records; those of endpoints that both sides have stay."""
        if before and after and before.form == after.form:
            if before.view is after.view:
                return
            came = [one for one in after.endpoints if one not in before.endpoints]
            left = [one for one in before.endpoints if one not in after.endpoints]
        else:
            came, left = [*(after.endpoints if after else ())], [*(before.endpoints if before else ())]
        if after:
            self._insert(records_of(after, came))
        if before:
            self._remove(records_of(before, left))

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

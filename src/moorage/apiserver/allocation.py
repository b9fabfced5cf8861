"""Cluster IPs and node ports of Services: given out once, from what the cache shows as used and what writes under way hold.

In: Service documents about to be stored. Out: the same with addresses filled in. No list of its own to fall out of step:
used is what stored Services say. Rules: pkg/registry/core/service (alloc.go); dynamic addresses come from the upper part of the
range (KEP-3070), so that chosen ones rarely collide.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from moorage.api import meta, scheme
from moorage.api.refs import Document, Resource
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import World
from moorage.apiserver.documents import items, own, part
from moorage.apiserver.strategy import FieldError
from moorage.base.errors import ApiError

NODE_PORTS = range(30000, 32768)
_STATIC_ADDRESSES = 256
"""Most addresses at the bottom of the range that are only given out on request."""
_WITH_NODE_PORTS = frozenset({"NodePort", "LoadBalancer"})


class Allocator:
    """Gives out addresses and ports.

    Args:
        world: stored Services, settings, chance.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: set[str | int] = set()

    @contextmanager
    def hold(self, resource: Resource, new: Document, old: Document | None) -> Iterator[None]:
        """Fill in addresses of a Service and keep them from others until the write is over. Raises: ApiError (422)."""
        if resource != scheme.SERVICES or meta.is_deleting(new):
            yield
            return
        taken = self._fill(new, old or {})
        self._held |= taken
        try:
            yield
        finally:
            self._held -= taken

    def _fill(self, new: Document, old: Document) -> set[str | int]:
        """Fill in what is missing and return what this write newly takes."""
        spec, before = own(new, "spec"), part(old, "spec")
        mine: set[str | int] = {*items(before, "clusterIPs"), *_node_ports(before)}
        used = self._used() - mine
        taken: set[str | int] = set()
        if spec.get("type") != "ExternalName":
            taken |= self._address(new, spec, used, mine)
        if spec.get("type") in _WITH_NODE_PORTS and spec.get("allocateLoadBalancerNodePorts", True):
            taken |= self._ports(new, spec, used, mine)
        return taken

    def _used(self) -> set[str | int]:
        used: set[str | int] = set(self._held)
        for stored in self._world.all_of(scheme.SERVICES):
            spec = part(stored.document, "spec")
            used |= {*items(spec, "clusterIPs"), *_node_ports(spec)}
        return used

    def _address(self, new: Document, spec: Document, used: set[str | int], mine: set[str | int]) -> set[str | int]:
        wanted = spec.get("clusterIP") or ""
        if not wanted:
            wanted = self._free_address(new, used)
        elif wanted != "None" and wanted not in mine:
            self._check_address(new, wanted, used)
        spec["clusterIP"] = wanted
        spec["clusterIPs"] = [wanted]
        return set() if wanted == "None" else {wanted}

    def _free_address(self, new: Document, used: set[str | int]) -> str:
        network = self._world.settings.service_network
        first, size = int(network.network_address), network.num_addresses
        reserved = min(max(16, size // 16), _STATIC_ADDRESSES)
        span = size - 1 - reserved
        start = int(self._world.ambient.chance.uniform(0, span))
        for step in range(span):
            address = str(ipaddress.IPv4Address(first + reserved + (start + step) % span))
            if address not in used:
                return address
        raise errors.internal(f"failed to allocate a serviceIP: range is full ({meta.name(new)})")

    def _check_address(self, new: Document, wanted: str, used: set[str | int]) -> None:
        network = self._world.settings.service_network
        sentence = ""
        if ipaddress.ip_address(wanted) not in network:
            sentence = f"the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {network}"
        elif wanted in used:
            sentence = "provided IP is already allocated"
        if sentence:
            detail = f"failed to allocate IP {wanted}: {sentence}"
            raise _invalid(new, FieldError("Invalid", "spec.clusterIPs", [wanted], detail))

    def _ports(self, new: Document, spec: Document, used: set[str | int], mine: set[str | int]) -> set[str | int]:
        taken: set[str | int] = set()
        for index, port in enumerate(items(spec, "ports")):
            wanted = port.get("nodePort") or 0
            if not wanted:
                wanted = self._free_port(used | taken | set(_node_ports(spec)))
            elif wanted not in mine and wanted not in taken:
                self._check_port(new, index, wanted, used)
            port["nodePort"] = wanted
            taken.add(wanted)
        if spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
            wanted = spec.get("healthCheckNodePort") or self._free_port(used | taken)
            spec["healthCheckNodePort"] = wanted
            taken.add(wanted)
        return taken

    def _free_port(self, used: set[str | int]) -> int:
        start = int(self._world.ambient.chance.uniform(0, len(NODE_PORTS) - 1))
        for step in range(len(NODE_PORTS)):
            port = NODE_PORTS[(start + step) % len(NODE_PORTS)]
            if port not in used:
                return port
        raise errors.internal("failed to allocate a nodePort: range is full")

    def _check_port(self, new: Document, index: int, wanted: int, used: set[str | int]) -> None:
        sentence = ""
        if wanted not in NODE_PORTS:
            sentence = "provided port is not in the valid range. The range of valid ports is 30000-32767"
        elif wanted in used:
            sentence = "provided port is already allocated"
        if sentence:
            raise _invalid(new, FieldError("Invalid", f"spec.ports[{index}].nodePort", wanted, sentence))


def _node_ports(spec: Document) -> list[int]:
    found = [port["nodePort"] for port in items(spec, "ports") if port.get("nodePort")]
    return found + ([spec["healthCheckNodePort"]] if spec.get("healthCheckNodePort") else [])


def _invalid(new: Document, problem: FieldError) -> ApiError:
    return errors.invalid(scheme.SERVICES, meta.name(new), [problem])

"""Domain names as tuples of lower-case labels, and reverse names of addresses.

In: text or addresses. Out: `Name`. Case does not count (RFC 4343); the tuple has no root label.
"""

import ipaddress

Name = tuple[str, ...]
MAX_LABEL, MAX_NAME = 63, 253


def parse(text: str) -> Name:
    """Return the labels of `web-0.web.default.svc.cluster.local.`; the root is the empty tuple."""
    stripped = text.rstrip(".").lower()
    return tuple(stripped.split(".")) if stripped else ()


def show(name: Name) -> str:
    """Return a name as text with the final dot."""
    return ".".join(name) + "."


def below(name: Name, zone: Name) -> bool:
    """Return whether `name` is `zone` or a name in it."""
    return not zone or name[-len(zone) :] == zone


def reverse(address: str) -> Name:
    """Return the PTR owner name of an address: `4.3.2.1.in-addr.arpa` (RFC 1035 3.5) or its ip6.arpa form (RFC 3596)."""
    return parse(ipaddress.ip_address(address).reverse_pointer)


def dashed(address: str) -> str:
    """Return the label of an endpoint without a hostname, as CoreDNS makes it: `10-42-0-5`; a trailing dash gets a 0."""
    label = address.replace(".", "-").replace(":", "-")
    return f"{label}0" if label.endswith("-") else label

"""Addresses that may not be used as the address of an endpoint.

In: an address that parses. Out: errors (ValidateNonSpecialIP of pkg/apis/core/validation).
"""

import ipaddress
from functools import lru_cache

from moorage.api import names
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import invalid

_RULES = (
    ("is_unspecified", "may not be unspecified ({address})"),
    ("is_loopback", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
    ("is_link_local", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
    ("is_multicast", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
)
_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))


def special_address(path: str, text: str) -> list[FieldError]:
    """Refuse an address that no other machine can reach."""
    return [invalid(path, text, sentence) for sentence in _refusals(text)]


@lru_cache(names.ADDRESSES)
def _refusals(text: str) -> tuple[str, ...]:
    address = ipaddress.ip_address(text)
    return tuple(sentence.format(address=text) for kind, sentence in _RULES if _is(address, kind))


def _is(address: ipaddress.IPv4Address | ipaddress.IPv6Address, kind: str) -> bool:
    if kind == "is_multicast":
        return any(address.version == network.version and address in network for network in _LOCAL_MULTICAST)
    return bool(getattr(address, kind))

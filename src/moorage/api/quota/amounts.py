"""Amounts by resource name, with their arithmetic and the spelling of messages.

In: resource lists of documents. Out: `Amounts`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api.quantity import Quantity, parse

Amounts = dict[str, Quantity]
ONE = Quantity(10**9)


def parsed(given: Mapping[str, Any] | None) -> Amounts:
    """Return a resource list as amounts."""
    return {name: parse(str(text)) for name, text in (given or {}).items()}


def written(given: Mapping[str, Quantity]) -> dict[str, str]:
    """Return amounts as a resource list of a document."""
    return {name: str(given[name]) for name in sorted(given)}


def plus(one: Mapping[str, Quantity], other: Mapping[str, Quantity]) -> Amounts:
    """Return the sum; a name of either side is a name of the sum."""
    return {name: one.get(name, Quantity(0)) + other.get(name, Quantity(0)) for name in {**one, **other}}


def minus(one: Mapping[str, Quantity], other: Mapping[str, Quantity]) -> Amounts:
    """Return the difference."""
    return {name: one.get(name, Quantity(0)) - other.get(name, Quantity(0)) for name in {**one, **other}}


def only(given: Mapping[str, Quantity], names: Iterable[str]) -> Amounts:
    """Return the amounts of these names, as far as there are any."""
    return {name: given[name] for name in names if name in given}


def shown(given: Mapping[str, Quantity]) -> str:
    """Return amounts as messages have them: `pods=1,requests.cpu=500m`."""
    return ",".join(f"{name}={given[name]}" for name in sorted(given))

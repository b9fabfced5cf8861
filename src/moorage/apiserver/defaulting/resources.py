"""Defaults of resource amounts: nothing finer than a thousandth, limits stand in for requests.

In: resource lists and requirements, changed in place. Out: nothing.
"""

from moorage.api import quantity
from moorage.api.refs import Document

_NANOS_PER_MILLI = 10**6
_COARSE = ("n", "u")


def default_amounts(amounts: Document) -> None:
    """Round each amount up to whole thousandths."""
    for name, text in amounts.items():
        if text[-1:] in _COARSE:
            amount = quantity.parse(text)
            amounts[name] = str(quantity.Quantity(amount.milli * _NANOS_PER_MILLI, amount.form))


def default_requests(requirements: Document) -> None:
    """Let each limit without request stand as the request too."""
    limits = requirements.get("limits")
    if limits:
        requirements["requests"] = {**limits, **(requirements.get("requests") or {})}

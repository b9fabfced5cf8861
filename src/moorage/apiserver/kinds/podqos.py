"""Quality of service of a pod, from the resources of its containers.

In: a pod spec. Out: `Guaranteed`, `Burstable` or `BestEffort` (pkg/apis/core/helper/qos).
"""

from moorage.api import quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import items, part

_COUNTED = ("cpu", "memory")


def quality(spec: Document) -> str:
    """Return the class: guaranteed if every container's limits are its requests, best effort if there are none."""
    requests: dict[str, quantity.Quantity] = {}
    limits: dict[str, quantity.Quantity] = {}
    guaranteed = True
    for container in (*items(spec, "containers"), *items(spec, "initContainers")):
        _add(requests, part(container, "resources", "requests"))
        limited = _add(limits, part(container, "resources", "limits"))
        guaranteed = guaranteed and limited == set(_COUNTED)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if guaranteed and requests == limits else "Burstable"


def _add(sums: dict[str, quantity.Quantity], amounts: Document) -> set[str]:
    """Add the amounts above zero of what counts to sums; return their names."""
    found = set()
    for name in _COUNTED:
        amount = quantity.parse(amounts[name]) if name in amounts else quantity.Quantity(0)
        if amount.nanos > 0:
            sums[name] = sums[name] + amount if name in sums else amount
            found.add(name)
    return found

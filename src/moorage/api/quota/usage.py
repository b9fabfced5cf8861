"""What one object costs, by kind; and which names of a quota a kind is counted under.

In: a resource, a document, the instant. Out: amounts. Every object costs 1 of `count/<plural>.<group>`; some kinds have names
of their own.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping

from moorage.api import meta
from moorage.api.quantity import Quantity
from moorage.api.quota import podresources
from moorage.api.quota.amounts import ONE, Amounts, parsed
from moorage.api.refs import Document, Resource
from moorage.api.scheme import CONFIGMAPS, PERSISTENTVOLUMECLAIMS, PODS, RESOURCEQUOTAS, SECRETS, SERVICES

_FINISHED = ("Failed", "Succeeded")
_CLASS_SUFFIX = ".storageclass.storage.k8s.io/"
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_OF_PODS = frozenset(
    (
        "pods", "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    )
)  # fmt: skip
_OF_SERVICES = frozenset(("services", "services.nodeports", "services.loadbalancers"))
_OF_CLAIMS = frozenset(("persistentvolumeclaims", "requests.storage"))
_ALIASED = (CONFIGMAPS, SECRETS, RESOURCEQUOTAS)
"""Kinds that are also counted under their plural alone."""


def of(resource: Resource, document: Document, now: datetime.datetime) -> Amounts:
    """Return what an object costs now."""
    made: Amounts = {count_name(resource): ONE}
    if resource in _ALIASED:
        made[resource.plural] = ONE
    special = _SPECIAL.get(resource)
    return made if special is None else {**made, **special(document, now)}


def count_name(resource: Resource) -> str:
    """Return the name under which objects of a kind are counted."""
    return f"count/{resource.qualified}"


def names_of(resource: Resource, names: Iterable[str]) -> frozenset[str]:
    """Return those of a quota's names that objects of a kind are counted under."""
    return frozenset(name for name in names if name == count_name(resource) or _is_special(resource, name))


def charged_on_update(resource: Resource) -> bool:
    """Return whether a change of an object may cost more, too."""
    return resource in (SERVICES, PERSISTENTVOLUMECLAIMS)


def still_counts(pod: Document, now: datetime.datetime) -> bool:
    """Return whether a pod uses anything: it is not finished, and not stuck longer than its grace period allows."""
    if (pod.get("status") or {}).get("phase") in _FINISHED:
        return False
    end = stuck_after(pod)
    return end is None or now <= end


def stuck_after(pod: Document) -> datetime.datetime | None:
    """Return when a pod that is being deleted counts as stuck, None where it is not."""
    asked, grace = meta.deletion_time(pod), meta.deletion_grace_seconds(pod)
    return None if asked is None or grace is None else asked + datetime.timedelta(seconds=grace)


def _is_special(resource: Resource, name: str) -> bool:
    if resource == PODS:
        return name in _OF_PODS or _is_extended(name)
    if resource == SERVICES:
        return name in _OF_SERVICES
    if resource == PERSISTENTVOLUMECLAIMS:
        return name in _OF_CLAIMS or _CLASS_SUFFIX in name
    return resource in _ALIASED and name == resource.plural


def _is_extended(name: str) -> bool:
    plain = name.removeprefix("requests.")
    return plain.startswith("hugepages-") or (plain != name and "/" in plain)


def _pod(pod: Document, now: datetime.datetime) -> Amounts:
    return {"pods": ONE, **podresources.usage(pod.get("spec") or {})} if still_counts(pod, now) else {}


def _service(service: Document, _now: datetime.datetime) -> Amounts:
    spec = service.get("spec") or {}
    ports = spec.get("ports") or []
    kind, opened = spec.get("type"), 0
    if kind == "NodePort":
        opened = len(ports)
    elif kind == "LoadBalancer":
        allocates = spec.get("allocateLoadBalancerNodePorts", True)
        opened = len(ports) if allocates else sum(bool(port.get("nodePort")) for port in ports)
    return {
        "services": ONE,
        "services.nodeports": ONE * opened,
        "services.loadbalancers": ONE * (kind == "LoadBalancer"),
    }


def _claim(claim: Document, _now: datetime.datetime) -> Amounts:
    spec = claim.get("spec") or {}
    made: Amounts = {"persistentvolumeclaims": ONE}
    asked = parsed((spec.get("resources") or {}).get("requests")).get("storage")
    allocated = parsed((claim.get("status") or {}).get("allocatedResources")).get("storage")
    if asked is not None:
        made["requests.storage"] = asked if allocated is None else max(asked, allocated)
    chosen = meta.annotations(claim).get(_OLD_CLASS) or spec.get("storageClassName")
    if chosen:
        made.update({f"{chosen}{_CLASS_SUFFIX}{name}": amount for name, amount in list(made.items())})
    return made


_SPECIAL: Mapping[Resource, Callable[[Document, datetime.datetime], Mapping[str, Quantity]]] = {
    PODS: _pod,
    SERVICES: _service,
    PERSISTENTVOLUMECLAIMS: _claim,
}

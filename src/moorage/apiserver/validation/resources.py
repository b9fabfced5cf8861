"""Validation of resource names and amounts of containers.

In: requirements and their paths. Out: errors. Rules: pkg/apis/core/validation (ValidateContainerResourceRequirements).
"""

from moorage.api import names, quantity
from moorage.api.quantity import Quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import forbidden, go_quantity, invalid, invalid_each, required
from moorage.apiserver.validation.values import NOT_NEGATIVE

_NATIVE = frozenset({"cpu", "memory", "ephemeral-storage", "storage", "pods"})
_OF_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
_STANDARD = _NATIVE | {
    "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "pods",
}  # fmt: skip
_HUGE = "hugepages-"
_HUGE_ALONE = "HugePages require cpu or memory"


def requirements(path: str, given: Document) -> list[FieldError]:
    """Check limits and requests of a container."""
    limits, requests = part(given, "limits"), part(given, "requests")
    found: list[FieldError] = []
    for name, text in limits.items():
        found += _entry(f"{path}.limits[{name}]", name, text)
    for name, text in requests.items():
        found += _entry(f"{path}.requests[{name}]", name, text)
        found += _against_limit(path, name, quantity.parse(text), limits.get(name))
    if _huge(limits, requests) and not {"cpu", "memory"} & (limits.keys() | requests.keys()):
        found.append(forbidden(path, _HUGE_ALONE))
    return found


def resource_name(path: str, name: str) -> list[FieldError]:
    """Check the name of any resource."""
    found = invalid_each(path, name, names.qualified_name(name))
    if not found and "/" not in name and name not in _STANDARD and not name.startswith(_HUGE):
        found.append(invalid(path, name, "must be a standard resource type or fully qualified"))
    return found


def _entry(path: str, name: str, text: str) -> list[FieldError]:
    return [*_container_name(path, name), *amount(path, name, quantity.parse(text))]


def _container_name(path: str, name: str) -> list[FieldError]:
    found = resource_name(path, name)
    if "/" not in name and name not in _OF_CONTAINERS and not name.startswith(_HUGE):
        found.append(invalid(path, name, "must be a standard resource for containers"))
    elif "/" in name and not _is_native(name) and not _is_extended(name):
        found.append(invalid(path, name, "doesn't follow extended resource name standard"))
    return found


def amount(path: str, name: str, given: Quantity) -> list[FieldError]:
    """Check one amount: not below zero, whole where only whole ones make sense."""
    found = [] if given.nanos >= 0 else [invalid(path, str(given), NOT_NEGATIVE)]
    if _is_whole(name) and given.milli % 1000:
        found.append(invalid(path, go_quantity(str(given)), "must be an integer"))
    if name.startswith(_HUGE):
        found += _huge_amount(path, name, given)
    return found


def _huge_amount(path: str, name: str, given: Quantity) -> list[FieldError]:
    try:
        size = quantity.parse(name.removeprefix(_HUGE))
    except quantity.BadQuantity:
        return []
    if size.nanos <= 0 or given.nanos % size.nanos == 0:
        return []
    return [invalid(path, str(given), f"not a multiple of huge page size {size}")]


def _against_limit(path: str, name: str, request: Quantity, limit: str | None) -> list[FieldError]:
    if limit is None:
        if _overcommits(name):
            return []
        return [required(f"{path}.limits", "Limit must be set for non overcommitable resources")]
    most = quantity.parse(limit)
    if request > most:
        return [invalid(f"{path}.requests", str(request), f"must be less than or equal to {name} limit of {most}")]
    if request != most and not _overcommits(name):
        return [invalid(f"{path}.requests", str(request), f"must be equal to {name} limit of {most}")]
    return []


def _huge(limits: Document, requests: Document) -> bool:
    return any(name.startswith(_HUGE) for name in (*limits, *requests))


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _is_extended(name: str) -> bool:
    if _is_native(name) or name.startswith("requests."):
        return False
    return not names.qualified_name(f"requests.{name}")


def _is_whole(name: str) -> bool:
    return name == "pods" or _is_extended(name)


def _overcommits(name: str) -> bool:
    return _is_native(name) and not name.startswith(_HUGE)

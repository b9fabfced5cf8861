"""Which objects a quota counts: all, or only pods of some sort.

In: a quota's spec, an object. Out: yes or no. A quota with scopes counts nothing but pods.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.api import quantity
from moorage.api.refs import Document, Resource
from moorage.api.scheme import PODS

SCOPES = (
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
)  # fmt: skip


def covers(quota_spec: Mapping[str, Any], resource: Resource, document: Document) -> bool:
    """Return whether a quota counts an object."""
    wanted = list(_requirements(quota_spec))
    return not wanted or (resource == PODS and all(_meets(one, document.get("spec") or {}) for one in wanted))


def _requirements(quota_spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for scope in quota_spec.get("scopes") or ():
        yield {"scopeName": scope, "operator": "Exists"}
    yield from (quota_spec.get("scopeSelector") or {}).get("matchExpressions") or ()


def _meets(requirement: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    scope = str(requirement.get("scopeName"))
    if scope == "PriorityClass":
        return _has_class(requirement, pod.get("priorityClassName") or "")
    if scope in ("Terminating", "NotTerminating"):
        return (pod.get("activeDeadlineSeconds") is not None) is (scope == "Terminating")
    if scope in ("BestEffort", "NotBestEffort"):
        return _asks_for_nothing(pod) is (scope == "BestEffort")
    return scope == "CrossNamespacePodAffinity" and _looks_elsewhere(pod.get("affinity") or {})


def _has_class(requirement: Mapping[str, Any], name: str) -> bool:
    operator, values = str(requirement.get("operator")), requirement.get("values") or ()
    if operator in ("Exists", "DoesNotExist"):
        return bool(name) is (operator == "Exists")
    return (name in values) is (operator == "In")


def _asks_for_nothing(pod: Mapping[str, Any]) -> bool:
    """Return whether no container asks for, or is limited in, CPU or memory."""
    for container in (*(pod.get("containers") or ()), *(pod.get("initContainers") or ())):
        given = container.get("resources") or {}
        for amounts in (given.get("requests") or {}, given.get("limits") or {}):
            if any(quantity.parse(str(amounts[name])).nanos for name in ("cpu", "memory") if name in amounts):
                return False
    return True


def _looks_elsewhere(affinity: Mapping[str, Any]) -> bool:
    """Return whether some term of pod affinity names namespaces."""
    return any("namespaceSelector" in term or term.get("namespaces") for term in _terms(affinity))


def _terms(affinity: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for side in ("podAffinity", "podAntiAffinity"):
        given = affinity.get(side) or {}
        yield from given.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for one in given.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield one.get("podAffinityTerm") or {}

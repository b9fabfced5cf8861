"""What a pod asks for, and what it is limited to: containers together, or the greatest moment of its start if that is more.

In: pod specs. Out: amounts. Rules: component-helpers/resource (PodRequests, PodLimits); k8s.io/kubernetes
pkg/quota/v1/evaluator/core podComputeUsageHelper.
"""

from collections.abc import Mapping
from typing import Any, Literal

from moorage.api.quota.amounts import Amounts, parsed, plus

_PLAIN = ("cpu", "memory", "ephemeral-storage")
_HUGE = "hugepages-"
DEMANDED = frozenset(("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"))
"""Names a container must say something about once a quota counts them."""


def usage(spec: Mapping[str, Any]) -> Amounts:
    """Return what a pod costs, by the names of quotas."""
    return _named(_whole(spec, "requests"), _whole(spec, "limits"))


def missing(spec: Mapping[str, Any], names: frozenset[str]) -> dict[str, list[str]]:
    """Return which containers say nothing about names that are counted, by name."""
    found: dict[str, list[str]] = {}
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        given = container.get("resources") or {}
        said = _named(parsed(given.get("requests")), parsed(given.get("limits")))
        for name in sorted((names & DEMANDED) - said.keys()):
            found.setdefault(name, []).append(container["name"])
    return {name: sorted(set(containers)) for name, containers in sorted(found.items())}


def _named(requests: Amounts, limits: Amounts) -> Amounts:
    made: Amounts = {}
    for name in _PLAIN:
        if name in requests:
            made[name] = made[f"requests.{name}"] = requests[name]
        if name in limits:
            made[f"limits.{name}"] = limits[name]
    for name, amount in requests.items():
        if name.startswith(_HUGE):
            made[name] = amount
        if name.startswith(_HUGE) or "/" in name:
            made[f"requests.{name}"] = amount
    return made


def _whole(spec: Mapping[str, Any], kind: Literal["requests", "limits"]) -> Amounts:
    """Return the greatest demand at any moment, overhead included (for limits: only where there is one)."""
    sidecars: Amounts = {}
    peak: Amounts = {}
    for one in spec.get("initContainers") or ():
        at_once = plus(sidecars, _of(one, kind))
        peak = _most(peak, at_once)
        sidecars = at_once if one.get("restartPolicy") == "Always" else sidecars
    running = sidecars
    for one in spec.get("containers") or ():
        running = plus(running, _of(one, kind))
    whole = _most(running, peak)
    overhead = parsed(spec.get("overhead"))
    added = overhead if kind == "requests" else {name: overhead[name] for name in overhead if name in whole}
    return plus(whole, added)


def _of(container: Mapping[str, Any], kind: str) -> Amounts:
    return parsed((container.get("resources") or {}).get(kind))


def _most(one: Amounts, other: Amounts) -> Amounts:
    return {**one, **{name: amount for name, amount in other.items() if name not in one or amount > one[name]}}

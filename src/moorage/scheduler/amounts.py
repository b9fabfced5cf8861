"""What pods ask for and nodes offer, as whole numbers.

In: resource lists of documents and views. Out: `Amounts`. Pure. Next: `podfacts`, `snapshot`.
Source of the sums: component-helpers resource.PodRequests; defaults for scoring: scheduler/util/pod_resources.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.api import quantity
from moorage.api.views.meta import Json

CPU, MEMORY, EPHEMERAL, PODS = "cpu", "memory", "ephemeral-storage", "pods"
DEFAULT_CPU_MILLIS = 100
"""What a container that asks for no CPU counts as when nodes are compared, thousandths."""
DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024
"""The same for memory, bytes."""

Amounts = Mapping[str, int]
"""Resource name → amount: CPU in thousandths, everything else in its unit rounded up. An absent name is 0."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one pod takes.

    Args:
        amounts: for the question whether it fits; without zeros.
        cpu_millis: for comparing nodes: never 0 per container.
        memory_bytes: likewise.
    """

    amounts: Amounts = field(default_factory=dict)
    cpu_millis: int = 0
    memory_bytes: int = 0


def amounts(resources: Mapping[str, Any] | None) -> dict[str, int]:
    """Return a resource list (`requests`, `allocatable`) as numbers."""
    return {name: _amount(name, value) for name, value in (resources or {}).items()}


def plus(one: Amounts, other: Amounts) -> dict[str, int]:
    """Return the sum."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in one.keys() | other.keys()}


def minus(one: Amounts, other: Amounts) -> dict[str, int]:
    """Return the difference, without zeros."""
    left = {name: one.get(name, 0) - other.get(name, 0) for name in one.keys() | other.keys()}
    return {name: value for name, value in left.items() if value}


def request_of(containers: Sequence[Json], inits: Sequence[Json], overhead: Mapping[str, Any]) -> Request:
    """Return what a pod takes: all its containers and sidecars together, or one init container with the sidecars
    started before it if that is more; plus the overhead.
    """
    asked = _largest([_asked(one) for one in containers], [(_asked(one), _is_sidecar(one)) for one in inits])
    shown = _largest([_shown(one) for one in containers], [(_shown(one), _is_sidecar(one)) for one in inits])
    extra = amounts(overhead)
    total = plus(asked, extra)
    return Request(
        {name: value for name, value in total.items() if value},
        shown.get(CPU, 0) + extra.get(CPU, 0),
        shown.get(MEMORY, 0) + extra.get(MEMORY, 0),
    )


def _largest(mains: Sequence[Amounts], inits: Sequence[tuple[Amounts, bool]]) -> Amounts:
    sidecars: Amounts = {}
    peak: Amounts = {}
    for one, is_sidecar in inits:
        at_once = plus(one, sidecars)
        peak = _most(peak, at_once)
        sidecars = at_once if is_sidecar else sidecars
    running = sidecars
    for one in mains:
        running = plus(running, one)
    return _most(running, peak)


def _most(one: Amounts, other: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in one.keys() | other.keys()}


def _asked(container: Json) -> Amounts:
    resources = container.get("resources") or {}
    return amounts(resources.get("requests"))


def _shown(container: Json) -> Amounts:
    return {CPU: DEFAULT_CPU_MILLIS, MEMORY: DEFAULT_MEMORY_BYTES, **_asked(container)}


def _is_sidecar(container: Json) -> bool:
    return bool(container.get("restartPolicy") == "Always")


def _amount(name: str, value: Any) -> int:
    parsed = quantity.parse(str(value))
    return parsed.milli if name == CPU else parsed.value

"""In which order an update takes the pods: `moorage.dev/update-order`.

In: `Situation` and a pod. Out: its place, and whose turn it is. Beyond Kubernetes, whose order is `reverse` (#51907).
`label`, `zone` and `role` make groups: a group begins only once no pod of another group is away.
"""

from collections.abc import Callable, Mapping
from functools import partial

from moorage.api import meta
from moorage.controllers.statefulset.options import ROLE_LABEL
from moorage.controllers.statefulset.situation import Situation
from moorage.controllers.statefulset.snapshot import ZONE_LABEL, PodCached, pod_berth

LEADERS = frozenset(("leader", "primary", "master"))
"""What applications call the one that is updated last."""
Group = tuple[int, int, str]
_FIRST: Group = (0, 0, "")


def place(situation: Situation, pod: PodCached) -> tuple[Group, int]:
    """Return where a pod stands in the update: lower ones go first."""
    ordinal = pod_berth(pod).ordinal
    return _group(situation, pod), ordinal if situation.options.update_order == "forward" else -ordinal


def arranged(situation: Situation, pods: tuple[PodCached, ...]) -> tuple[PodCached, ...]:
    """Return pods, given highest ordinal first, in the order the set asks for."""
    if not situation.options.update_order:
        return pods
    return tuple(sorted(pods, key=partial(place, situation)))


def turn(
    situation: Situation, candidates: list[PodCached], sick: list[PodCached], missing: list[str]
) -> list[PodCached]:
    """Return the candidates whose turn it is, a first part of them.

    Args:
        candidates: in the order of the update.
        sick: pods in range that are not healthy.
        missing: names of pods that are not there; nobody knows their group.
    """
    if not candidates or not _grouped(situation):
        return candidates
    group = _group(situation, candidates[0])
    if missing or any(_group(situation, pod) != group for pod in sick):
        return []
    return [pod for pod in candidates if _group(situation, pod) == group]


def title(situation: Situation, pod: PodCached) -> str:
    """Return the group of a pod in words, "" where there are none."""
    if not _grouped(situation):
        return ""
    how, _, key = situation.options.update_order.partition(":")
    if how == "zone":
        return f" in zone {_zone(situation, pod) or '(unknown)'}"
    key = key or ROLE_LABEL
    return f" with {key}={meta.labels(pod.document).get(key, '')}"


def _grouped(situation: Situation) -> bool:
    return situation.options.update_order.partition(":")[0] in _GROUPS


def _group(situation: Situation, pod: PodCached) -> Group:
    how, _, key = situation.options.update_order.partition(":")
    return _GROUPS[how](situation, pod, key) if how in _GROUPS else _FIRST


def _by_label(_situation: Situation, pod: PodCached, key: str) -> Group:
    """Pods without the label, then numbers, then words."""
    value = meta.labels(pod.document).get(key)
    if not value:
        return _FIRST
    return (1, int(value), "") if value.isdecimal() else (2, 0, value)


def _by_zone(situation: Situation, pod: PodCached, _key: str) -> Group:
    return 0, 0, _zone(situation, pod)


def _by_role(_situation: Situation, pod: PodCached, key: str) -> Group:
    """All but leaders, then leaders; a pod that does not tell its role is no leader."""
    return int(meta.labels(pod.document).get(key or ROLE_LABEL, "").lower() in LEADERS), 0, ""


def _zone(situation: Situation, pod: PodCached) -> str:
    """Return the zone of a pod: its own label, else that of its node."""
    node = (pod.document.get("spec") or {}).get("nodeName") or ""
    return meta.labels(pod.document).get(ZONE_LABEL) or situation.zones.get(node, "")


_GROUPS: Mapping[str, Callable[[Situation, PodCached, str], Group]] = {
    "label": _by_label,
    "zone": _by_zone,
    "role": _by_role,
}

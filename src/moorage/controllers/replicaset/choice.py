"""Which pods go when there are too many.

In: the pods of a replica set, those of its siblings, the instant. Out: the pods, those that are missed least first.
Source: pkg/controller ActivePodsWithRanks (1.32; KEPs 2185 and 2255).
"""

import datetime
import functools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.api.views.pod import Pod
from moorage.informer.cache import Cached

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_MAX_COST = 2**31


@dataclass(frozen=True, slots=True)
class _Rank:
    """What pods are compared by.

    Args:
        standing: unassigned, phase, not ready, deletion cost, fewer neighbours: the smaller goes first.
        ready: since when it is ready, None where it is not or nobody knows.
        restarts: most restarts of a container and of a sidecar: the larger goes first.
        made: when it was created.
        uid: breaks ties of times that are alike.
    """

    standing: tuple[int, ...]
    ready: datetime.datetime | None
    restarts: tuple[int, int]
    made: datetime.datetime | None
    uid: str


def doomed(
    pods: Sequence[Cached[Any]], related: Iterable[Cached[Any]], surplus: int, now: datetime.datetime
) -> list[Cached[Any]]:
    """Return the `surplus` pods that go first.

    Times that are alike on a logarithmic scale count as equal, so that a scale down does not always hit the same nodes.
    """
    if surplus >= len(pods):
        return list(pods)
    crowd = Counter(pod.view.spec.node_name for pod in related)
    ranks = {pod.key: _rank(pod.view, crowd[pod.view.spec.node_name]) for pod in pods}

    def before(one: Cached[Any], other: Cached[Any]) -> int:
        return _compare(ranks[one.key], ranks[other.key], now)

    return sorted(pods, key=functools.cmp_to_key(before))[:surplus]


def _rank(pod: Pod, neighbours: int) -> _Rank:
    ready = pod.condition("Ready")
    is_ready = ready is not None and ready.status == "True"
    standing = (
        1 if pod.spec.node_name else 0,
        _PHASES.get(pod.status.phase or "Pending", 0),
        1 if is_ready else 0,
        _cost(pod.metadata.annotations.get(DELETION_COST, "0")),
        -neighbours,
    )
    since = ready.last_transition_time if is_ready and ready else None
    restarts = (_restarts(pod, sidecars=False), _restarts(pod, sidecars=True))
    return _Rank(standing, since, restarts, pod.metadata.creation_timestamp, pod.metadata.uid)


def _compare(one: _Rank, other: _Rank, now: datetime.datetime) -> int:
    """Return a negative number where `one` goes first."""
    if one.standing != other.standing:
        return -1 if one.standing < other.standing else 1
    if one.ready != other.ready:
        return _by_age(one.ready, other.ready, (one.uid, other.uid), now)
    if one.restarts != other.restarts:
        return -1 if one.restarts > other.restarts else 1
    if one.made != other.made:
        return _by_age(one.made, other.made, (one.uid, other.uid), now)
    return 0


def _by_age(
    one: datetime.datetime | None, other: datetime.datetime | None, uids: tuple[str, str], now: datetime.datetime
) -> int:
    """The younger goes first; of an unknown age before any; by uid where both are of the same order of age."""
    if one is None or other is None:
        return -1 if one is None else 1
    return _magnitude(now - one) - _magnitude(now - other) or (-1 if uids[0] < uids[1] else 1)


def _magnitude(age: datetime.timedelta) -> int:
    """Return the binary order of an age in nanoseconds, -1 for none."""
    nanoseconds = age.total_seconds() * 1e9
    return int(math.log2(nanoseconds)) if nanoseconds > 0 else -1


def _cost(text: str) -> int:
    """Return a deletion cost; what the API would have refused counts as none."""
    sign, digits = text[:1] == "-", text.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or (len(digits) > 1 and digits[0] == "0"):
        return 0
    cost = -int(digits) if sign else int(digits)
    return cost if -_MAX_COST <= cost < _MAX_COST else 0


def _restarts(pod: Pod, *, sidecars: bool) -> int:
    """Return the most restarts of one container, or of one init container that keeps running."""
    status = pod.status
    if not sidecars:
        return max((one.get("restartCount", 0) for one in status.container_statuses), default=0)
    lasting = {one["name"] for one in pod.spec.init_containers if one.get("restartPolicy") == "Always"}
    counts = (one.get("restartCount", 0) for one in status.init_container_statuses if one.get("name") in lasting)
    return max(counts, default=0)

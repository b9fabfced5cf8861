"""The pods of a set as columns: what every pass over them reads, fetched once.

In: pods from the cache. Out: `Roster`. Cost: three C-level passes; all later ones are over these lists.
"""

from operator import attrgetter
from typing import NamedTuple

from moorage.api.views.berth import PodBerth
from moorage.controllers.statefulset.snapshot import PodCached

_BERTH = attrgetter("view.berth")
_MARK = attrgetter("mark")


class Roster(NamedTuple):
    """Some pods.

    Args:
        pods: in the order of the columns.
        berths: one a pod.
        marks: one a pod.
        examples: one berth of each mark.
    """

    pods: tuple[PodCached, ...]
    berths: list[PodBerth]
    marks: list[str]
    examples: dict[str, PodBerth]


def enrol(pods: tuple[PodCached, ...]) -> Roster:
    """Return the columns of some pods."""
    berths: list[PodBerth] = list(map(_BERTH, pods))
    marks: list[str] = list(map(_MARK, berths))
    return Roster(pods, berths, marks, dict(zip(marks, berths)))

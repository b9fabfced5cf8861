"""The set's pods in their places: which ordinals are filled, missing, too many, out of the ordinary.

In: claimed pods and the instant. Out: `Fleet`. Source: facts/statefulset.md 1.6 steps 1 to 4.
Cost: C-level passes over all pods, Python only over their distinct marks and over the unusual ones.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter

from moorage.api import meta
from moorage.api.views.berth import PodBerth
from moorage.controllers.statefulset.roster import Roster, enrol
from moorage.controllers.statefulset.rules import Rules
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.controllers.statefulset.spec import SetSpec

_ORDINAL = attrgetter("ordinal")
_SINCE = attrgetter("ready_since")
TERMINAL = frozenset(("Failed", "Succeeded"))


@dataclass(frozen=True, slots=True)
class Fleet:
    """The pods of a set in their places.

    Args:
        spec: the set.
        pods: by ordinal, in range and condemned.
        ordinals: one a placed pod.
        marks: one a placed pod.
        holes: wanted ordinals without a pod, ascending.
        condemned: pods out of range, highest ordinal first.
        unusual: ordinals in range whose pod is not simply running as wanted, ascending.
        tally: how many placed pods there are of each mark.
        examples: one berth of each mark.
        ripening: names of ready pods that are not available yet, and when they will be (seconds since the epoch).
    """

    spec: SetSpec
    pods: Mapping[int, PodCached]
    ordinals: list[int]
    marks: list[str]
    holes: tuple[int, ...]
    condemned: tuple[PodCached, ...]
    unusual: tuple[int, ...]
    tally: Mapping[str, int]
    examples: Mapping[str, PodBerth]
    ripening: Mapping[str, float] = field(default_factory=dict)

    def available(self, berth: PodBerth) -> bool:
        """Return whether a pod is ready and has been so for minReadySeconds."""
        return berth.ready and berth.name not in self.ripening

    def healthy(self, berth: PodBerth, rules: Rules) -> bool:
        """Return whether a pod counts as healthy for scaling down and updating."""
        ready = self.available(berth) if rules.availability_counts else berth.ready
        return ready and not berth.deleting

    def broken(self, pods: Iterable[PodCached], rules: Rules) -> list[PodCached]:
        """Return those of some pods that do not count as healthy; a look at each mark, and only then at pods."""
        sick = {mark for mark, berth in self.examples.items() if berth.deleting or not berth.ready}
        late = self.ripening if rules.availability_counts else {}
        if not sick and not late:
            return []
        return [pod for pod in pods if pod.view.berth.mark in sick or pod.key.name in late]


def arrange(spec: SetSpec, roster: Roster, now: datetime.datetime) -> Fleet:
    """Put pods in their places.

    A pod in range whose name is not canonical (`web-01`) and one without ordinal have no place.
    """
    pods, berths, marks, examples = roster
    if not all(map(attrgetter("canonical"), examples.values())):
        placed = tuple(pod for pod in pods if _has_place(spec, pod_berth(pod)))
        if len(placed) < len(pods):
            return arrange(spec, enrol(placed), now)
    ordinals: list[int] = list(map(_ORDINAL, berths))
    by_ordinal = dict(zip(ordinals, pods))
    ripening = _ripening(spec, berths, now)
    wanted = set(spec.ordinals)
    condemned: list[PodCached] = []
    if not by_ordinal.keys() <= wanted:
        condemned = [pod for ordinal, pod in zip(ordinals, pods) if ordinal not in wanted]
        condemned.sort(key=lambda pod: (pod_berth(pod).ordinal, pod.key.name), reverse=True)
    return Fleet(
        spec=spec,
        pods=by_ordinal,
        ordinals=ordinals,
        marks=marks,
        holes=tuple(sorted(wanted.difference(by_ordinal))),
        condemned=tuple(condemned),
        unusual=tuple(sorted(wanted.intersection(_unusual(spec, ordinals, roster, ripening)))),
        tally=Counter(marks),
        examples=examples,
        ripening=ripening,
    )


def storage_fits(spec: SetSpec, berth: PodBerth) -> bool:
    """Return whether a pod has a volume for each claim template, with the right claim."""
    have = set(berth.claims)
    return all((name := meta.name(template), f"{name}-") in have for template in spec.claim_templates)


def _has_place(spec: SetSpec, berth: PodBerth) -> bool:
    return berth.ordinal >= 0 and (berth.canonical or berth.ordinal not in spec.ordinals)


def _ripening(spec: SetSpec, berths: list[PodBerth], now: datetime.datetime) -> dict[str, float]:
    """Return the ready pods that are not available yet, with the instant after which they are."""
    if not spec.min_ready_seconds:
        return {}
    limit = now.timestamp() - spec.min_ready_seconds
    late = [one for one in berths if one.ready and (one.ready_since is None or one.ready_since >= limit)]
    return {one.name: (one.ready_since or 0.0) + spec.min_ready_seconds for one in late}


def _unusual(spec: SetSpec, ordinals: list[int], roster: Roster, ripening: Mapping[str, float]) -> Iterable[int]:
    """Return the ordinals of pods that are not simply running as wanted."""
    strange = frozenset(mark for mark, berth in roster.examples.items() if not _is_usual(spec, berth))
    found = set(compress(ordinals, map(strange.__contains__, roster.marks))) if strange else set()
    return found.union(berth.ordinal for berth in roster.berths if berth.name in ripening) if ripening else found


def _is_usual(spec: SetSpec, berth: PodBerth) -> bool:
    """Return whether nothing is to be done or waited for because of a pod (revision aside)."""
    return berth.ready and not berth.deleting and berth.named and storage_fits(spec, berth)

"""All that one decision about a replica set needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`. Pods that are finished or being deleted do not count and are left out.
Cost: C-level passes over the pods, Python only over their few distinct marks.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODS, REPLICASETS
from moorage.api.views.berth import PodBerth
from moorage.informer.cache import Cached, Caches
from moorage.reconcile import owning

_FINISHED = frozenset(("Failed", "Succeeded"))
_BERTH, _MARK = attrgetter("view.berth"), attrgetter("mark")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one replica set.

    Args:
        owner: the replica set.
        selector: its selector.
        pods: the active pods it controls.
        tally: how many of them there are of each mark.
        examples: one berth of each mark.
        orphans: the active pods that it could adopt.
        related: the active pods of all replica sets of its own owner, looked at only where pods must go.
    """

    owner: Cached[Any]
    selector: labels.Selector
    pods: tuple[Cached[Any], ...] = ()
    orphans: tuple[Cached[Any], ...] = ()
    related: tuple[Cached[Any], ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, PodBerth] = field(default_factory=dict)

    @property
    def surplus(self) -> int:
        """How many pods are too many; negative where some are missing."""
        return len(self.pods) - int(self.owner.view.spec.replicas)


def take(key: ObjectKey, caches: Caches) -> Snapshot | None:
    """Return what is known of the replica set `key`; None where it is gone or its selector does not parse."""
    owner = caches.of(REPLICASETS).get(key)
    selector = owning.selector_of(owner) if owner is not None else None
    if owner is None or selector is None:
        return None
    pods, tally, examples = _active(owning.owned(PODS, owner.view.metadata.uid, caches))
    free = _active(owning.orphans(PODS, key.namespace, caches))[0]
    orphans = tuple(pod for pod in free if selector.matches(berth(pod).labels))
    related = tuple(_related(owner, caches)) if len(pods) > owner.view.spec.replicas else ()
    return Snapshot(owner, selector, pods, orphans, related, tally, examples)


def berth(pod: Cached[Any]) -> PodBerth:
    """Return what the pod's view has worked out of it."""
    found: PodBerth = pod.view.berth
    return found


def _active(pods: tuple[Cached[Any], ...]) -> tuple[tuple[Cached[Any], ...], Mapping[str, int], Mapping[str, PodBerth]]:
    """Return the active ones of pods, how many there are of each mark, and one berth of each mark."""
    berths: list[PodBerth] = list(map(_BERTH, pods))
    marks: list[str] = list(map(_MARK, berths))
    examples = dict(zip(marks, berths))
    idle = {mark for mark, one in examples.items() if one.deleting or one.phase in _FINISHED}
    if not idle:
        return pods, Counter(marks), examples
    kept = tuple(pod for pod, mark in zip(pods, marks) if mark not in idle)
    tally = {mark: number for mark, number in Counter(marks).items() if mark not in idle}
    return kept, tally, {mark: examples[mark] for mark in tally}


def _related(owner: Cached[Any], caches: Caches) -> Iterable[Cached[Any]]:
    controller = owner.view.metadata.controller
    if controller is None:
        return
    for sibling in owning.owned(REPLICASETS, controller.uid, caches):
        yield from _active(owning.owned(PODS, sibling.view.metadata.uid, caches))[0]

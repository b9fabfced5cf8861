"""What each controller had seen when it decided: the revision `c.seen` of the ordering rules (reliability section B).

In: controllers. Out: the same controllers, whose every snapshot is noted. A rule about a concurrent world reads: the condition
held at some revision between what the decider had seen and its write.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.informer.cache import Caches
from moorage.reconcile.controller import Controller
from moorage.sim.recording import StateChange

_DECISIVE = (STATEFULSETS, PODS, PERSISTENTVOLUMECLAIMS)
STATEFULSET_CONTROLLER = "statefulset-controller"


class Knowledge:
    """Revision and number of the last decision, by actor and set."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._written: dict[str, list[int]] = {resource.plural: [] for resource in _DECISIVE}
        self._newest = 0

    def note(self, change: StateChange) -> None:
        """Take in a committed change."""
        self._newest = change.revision
        if change.resource in self._written:
            self._written[change.resource].append(change.revision)

    def seen(self, actor: str, name: str) -> int:
        """Return the revision that `actor` had seen when it last decided about the set `name`."""
        return self._seen.get((actor, name), (0, 0))[0]

    def decision(self, actor: str, name: str) -> int:
        """Return which decision of `actor` about the set `name` is under way."""
        return self._seen.get((actor, name), (0, 0))[1]

    def observed(self, manager: str, controllers: Sequence[Controller[Any]]) -> list[Controller[Any]]:
        """Return the controllers of a manager, that of StatefulSets observed."""
        return [self._observe(manager, one) if one.name == STATEFULSET_CONTROLLER else one for one in controllers]

    def _observe(self, manager: str, controller: Controller[Any]) -> Controller[Any]:
        actor = f"{manager}/{controller.name}"

        def take(key: ObjectKey, caches: Caches) -> Any:
            _, number = self._seen.get((actor, str(key)), (0, 0))
            oldest = min(self._complete(resource.plural, caches.of(resource).revision) for resource in _DECISIVE)
            self._seen[actor, str(key)] = (oldest, number + 1)
            return controller.take(key, caches)

        return replace(controller, take=take)

    def _complete(self, plural: str, revision: int) -> int:
        """Return up to which revision a cache lacks nothing: that before the first write of its resource that it has not."""
        written = self._written[plural]
        unseen = bisect_right(written, revision)
        return written[unseen] - 1 if unseen < len(written) else self._newest

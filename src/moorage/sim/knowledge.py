"""What each controller had seen when it decided: the revision `c.seen` of the ordering rules (reliability section B).

In: controllers. Out: the same controllers, whose every snapshot is noted. A rule about a concurrent world reads: the condition
held at some revision between what the decider had seen and its write.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import NODES, PERSISTENTVOLUMECLAIMS, PODS, STATEFULSETS
from moorage.informer.cache import Caches
from moorage.reconcile.controller import Controller
from moorage.sim.recording import Exchange, StateChange
from moorage.sim.sets import owner_of

STATEFULSET_CONTROLLER, EVICTION_CONTROLLER = "statefulset-controller", "taint-eviction-controller"
_DECISIVE = {
    STATEFULSET_CONTROLLER: (STATEFULSETS, PODS, PERSISTENTVOLUMECLAIMS),
    EVICTION_CONTROLLER: (PODS, NODES),
}
"""What each controller decides on."""


class Knowledge:
    """Revision and number of the last decision, by actor and object."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._written: dict[str, list[int]] = {one.plural: [] for every in _DECISIVE.values() for one in every}
        self._newest = 0
        self._known: dict[tuple[str, str], dict[str, int]] = {}
        self._blind: dict[tuple[str, str], int] = {}

    def note(self, change: StateChange) -> None:
        """Take in a committed change."""
        self._newest = change.revision
        if change.resource in self._written:
            self._written[change.resource].append(change.revision)

    def seen(self, actor: str, name: str) -> int:
        """Return the revision that `actor` had seen when it last decided about the object `name`."""
        return self._seen.get((actor, name), (0, 0))[0]

    def decision(self, actor: str, name: str) -> int:
        """Return which decision of `actor` about the object `name` is under way."""
        return self._seen.get((actor, name), (0, 0))[1]

    def arrived(self, exchange: Exchange) -> None:
        """Note what an actor knows that it wrote, of what its decisions rest on."""
        for change in exchange.changes:
            controller = exchange.actor.partition("/")[2]
            if any(change.resource == one.plural for one in _DECISIVE.get(controller, ())):
                self._known.setdefault((exchange.actor, owner_of(change)), {})[change.resource] = change.revision

    def blind(self, actor: str, name: str) -> int:
        """Return a revision that `actor` wrote, and knows that it did, but had not seen when it decided; 0 for none."""
        return self._blind.get((actor, name), 0)

    def observed(self, manager: str, controllers: Sequence[Controller[Any]]) -> list[Controller[Any]]:
        """Return the controllers of a manager, those observed that rules speak of."""
        return [self._observe(manager, one) if one.name in _DECISIVE else one for one in controllers]

    def _observe(self, manager: str, controller: Controller[Any]) -> Controller[Any]:
        actor = f"{manager}/{controller.name}"
        decisive = _DECISIVE[controller.name]

        def take(key: ObjectKey, caches: Caches) -> Any:
            _, number = self._seen.get((actor, str(key)), (0, 0))
            oldest = min(self._complete(one.plural, caches.of(one).revision) for one in decisive)
            self._seen[actor, str(key)] = (oldest, number + 1)
            known = self._known.get((actor, str(key)), {})
            unseen = [known[one.plural] for one in decisive if known.get(one.plural, 0) > caches.of(one).revision]
            self._blind[actor, str(key)] = max(unseen, default=0)
            return controller.take(key, caches)

        return replace(controller, take=take)

    def _complete(self, plural: str, revision: int) -> int:
        """Return up to which revision a cache lacks nothing: that before the first write of its resource that it has not."""
        written = self._written[plural]
        unseen = bisect_right(written, revision)
        return written[unseen] - 1 if unseen < len(written) else self._newest

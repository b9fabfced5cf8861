"""Replacing the pods of old templates: step by step, or all old ones before any new one.

In: `Situation`. Out: writes. Source: rolling.go and recreate.go (1.32). Each step looks at what replica sets report, so the
pods a set still has to make or remove count as unavailable.
"""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.controllers.deployment import resize
from moorage.controllers.deployment.situation import Situation, size, sizes
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Update

_FINISHED = frozenset(("Failed", "Succeeded"))


def roll(situation: Situation) -> tuple[Update, ...]:
    """Scale the new replica set up as far as the surge allows; else the old ones down as far as availability allows."""
    new = situation.new
    if new is None:
        return ()
    grown = resize.changed(situation, new, room_for_new(situation))
    return (grown,) if grown is not None else _shrink(situation, new)


def recreate(situation: Situation) -> tuple[Update, ...]:
    """Scale the old replica sets to nothing; once none of their pods is left, the new one up."""
    gone = [resize.changed(situation, one, 0) for one in situation.active_old]
    writes = tuple(write for write in gone if write is not None)
    if writes or situation.new is None or lingering(situation):
        return writes
    grown = resize.changed(situation, situation.new, situation.wanted)
    return (grown,) if grown is not None else ()


def lingering(situation: Situation) -> bool:
    """Return whether an old pod may still run: Recreate never has two templates running at once."""
    if any(one.view.status.replicas > 0 for one in situation.old):
        return True
    return any(pod.view.status.phase not in _FINISHED for pod in old_pods(situation))


def old_pods(situation: Situation) -> list[Cached[Any]]:
    """Return the pods of all replica sets but the new one, terminating ones included."""
    old = {one.view.metadata.uid for one in situation.old}
    return [pod for pod in situation.snapshot.pods if pod.view.berth.controller in old]


def room_for_new(situation: Situation) -> int:
    """Return the size the new replica set may have now, whether it exists yet or not."""
    have = size(situation.new) if situation.new is not None else 0
    if have >= situation.wanted or not situation.rolls:
        return situation.wanted
    room = situation.wanted + situation.surge - sizes(situation.sets)
    return have + max(0, min(room, situation.wanted - have))


def _shrink(situation: Situation, new: Cached[Any]) -> tuple[Update, ...]:
    """Take old pods that are unavailable first, then available ones while enough stay."""
    old = situation.active_old
    least = situation.wanted - situation.unavailable
    missing = size(new) - reachable(new)
    budget = sizes(situation.sets) - least - missing
    if not old or budget <= 0:
        return ()
    healthy = _without_broken(old, budget)
    left, spare = dict(healthy), sum(map(reachable, (*old, new))) - least
    for one in old:
        taken = min(left[one.key], max(0, spare))
        left[one.key] -= taken
        spare -= taken
    writes = (resize.changed(situation, one, left[one.key], healthy[one.key]) for one in old)
    return tuple(write for write in writes if write is not None)


def _without_broken(old: tuple[Cached[Any], ...], budget: int) -> dict[ObjectKey, int]:
    """Return the sizes of old replica sets once up to `budget` unavailable pods are gone, oldest first."""
    left: dict[ObjectKey, int] = {}
    for one in old:
        broken = min(budget, size(one) - reachable(one))
        left[one.key] = size(one) - broken
        budget -= broken
    return left


def reachable(one: Cached[Any]) -> int:
    """Return how many available pods a replica set has or will keep: its status may be of before it was scaled down."""
    return min(size(one), int(one.view.status.available_replicas))

"""Another number of replicas: one replica set takes it all, several take it in proportion.

In: `Situation`. Out: writes. Source: DeploymentController.scale (1.32).
"""

from collections.abc import Iterable
from typing import Any

from moorage.controllers.deployment import annotations, resize
from moorage.controllers.deployment.situation import Situation, size, sizes
from moorage.controllers.deployment.snapshot import age
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Update


def is_due(situation: Situation) -> bool:
    """Return whether some active replica set was last scaled for another number of replicas."""
    noted = (annotations.noted(one, annotations.DESIRED) for one in situation.sets if size(one) > 0)
    return any(number is not None and number != situation.wanted for number in noted)


def scale(situation: Situation) -> tuple[Update, ...]:
    """Return the writes that bring the replica sets to the number wanted."""
    only = _only(situation)
    if only is not None:
        return _written([resize.changed(situation, only, situation.wanted)])
    if _is_saturated(situation):
        return _written(resize.changed(situation, one, 0) for one in situation.active_old)
    return _in_proportion(situation) if situation.rolls else ()


def _only(situation: Situation) -> Cached[Any] | None:
    """Return the one active replica set, or without any the newest; None where several are active."""
    active = [one for one in situation.sets if size(one) > 0]
    if len(active) > 1:
        return None
    if active:
        return active[0]
    return situation.new or (situation.old[-1] if situation.old else None)


def _is_saturated(situation: Situation) -> bool:
    """Return whether the new replica set alone has all pods wanted, and available."""
    new, wanted = situation.new, situation.wanted
    if new is None:
        return False
    desired = annotations.noted(new, annotations.DESIRED)
    return bool(size(new) == wanted == desired and new.view.status.available_replicas == wanted)


def _in_proportion(situation: Situation) -> tuple[Update, ...]:
    """Spread what is to be added or taken over the active sets, by their size; the largest takes what rounding leaves."""
    allowed = situation.wanted + situation.surge if situation.wanted > 0 else 0
    active = sorted((one for one in situation.sets if size(one) > 0), key=age)
    add = allowed - sizes(active)
    if add > 0:
        active.reverse()
    active.sort(key=size, reverse=True)
    shares, added = [], 0
    for one in active:
        share = _share(situation, one, add, added)
        shares.append(size(one) + share)
        added += share
    if shares and add:
        shares[0] = max(0, shares[0] + add - added)
    return _written(resize.rescaled(situation, one, share) for one, share in zip(active, shares))


def _share(situation: Situation, one: Cached[Any], add: int, added: int) -> int:
    """Return how many of `add` pods a replica set takes, where `added` are given out already."""
    if add == added or not add:
        return 0
    fraction = _fraction(situation, one)
    return min(fraction, add - added) if add > 0 else max(fraction, add - added)


def _fraction(situation: Situation, one: Cached[Any]) -> int:
    """Return by how much a replica set would change if it kept its share of all pods."""
    if situation.wanted == 0:
        return -size(one)
    before = annotations.noted(one, annotations.MAXIMUM) or situation.owner.view.status.replicas
    if not before:
        return 0
    return _rounded(size(one) * (situation.wanted + situation.surge) / before) - size(one)


def _rounded(number: float) -> int:
    """Round half away from zero, as upstream does."""
    return int(number - 0.5) if number < 0 else int(number + 0.5)


def _written(writes: Iterable[Update | None]) -> tuple[Update, ...]:
    return tuple(write for write in writes if write is not None)

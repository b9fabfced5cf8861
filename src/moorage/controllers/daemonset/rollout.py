"""A rolling update: outdated pods go, or get a companion first, no more nodes at once than the strategy allows.

In: `Situation`, once every node has what `placing` wants. Out: `Changes`. Source: rollingUpdate (1.32).
Nodes are taken by name, where upstream takes them in no order.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from moorage.controllers.daemonset.situation import Changes, Situation, berth
from moorage.informer.cache import Cached


class Pair(NamedTuple):
    """The living pods of a node: one of the present template, one of another, None where there is none."""

    new: Cached[Any] | None
    old: Cached[Any] | None


def update(situation: Situation) -> Changes:
    """Return the next step of an update, if one is under way."""
    return _surging(situation) if situation.surge else _replacing(situation)


def _replacing(situation: Situation) -> Changes:
    """Delete outdated pods: those that are not available at once, the others as long as enough nodes are served."""
    away = 0
    broken: list[Cached[Any]] = []
    ready: list[Cached[Any]] = []
    for _, pair in _nodes(situation):
        if pair is None or (pair.new is None) == (pair.old is None):
            away += 1
        elif pair.new is not None:
            away += not situation.available(pair.new)
        elif pair.old is not None:
            (ready if situation.available(pair.old) else broken).append(pair.old)
    away += len(broken)
    room = max(0, situation.unavailable - away)
    return Changes(delete=(*broken, *ready[:room]))


def _surging(situation: Situation) -> Changes:
    """Make new pods beside outdated ones; an outdated one goes once its companion is available."""
    surging, available = 0, 0
    delete: list[Cached[Any]] = []
    leaving: list[Cached[Any]] = []
    free: list[str] = []
    wanted: list[str] = []
    for node, pair in _nodes(situation):
        if pair is None:
            surging += 1
            continue
        counted = pair.old or pair.new
        available += counted is not None and situation.available(counted)
        if pair.old is None:
            continue
        if pair.new is not None:
            ready = situation.available(pair.new)
            surging += not ready
            delete += [pair.old] if ready else []
        elif not situation.verdict(node).runs:
            (leaving if situation.available(pair.old) else delete).append(pair.old)
        else:
            (wanted if situation.available(pair.old) else free).append(node)
    # A node that is given up keeps its pod until enough others are served.
    delete += leaving[: max(0, available - situation.desired)]
    return Changes((*free, *wanted[: max(0, situation.surge - surging)]), tuple(delete))


def _nodes(situation: Situation) -> Iterator[tuple[str, Pair | None]]:
    """Yield every node with a pod or in want of one, by name; None where `placing` has yet to clean up."""
    wanting = {node for node, verdict in situation.verdicts.items() if verdict.runs}
    for node in sorted({*wanting, *situation.pods}):
        yield node, _pair(situation, situation.pods.get(node, ()))


def _pair(situation: Situation, pods: Sequence[Cached[Any]]) -> Pair | None:
    living = [pod for pod in pods if not berth(pod).deleting]
    new = [pod for pod in living if situation.updated(pod)]
    old = [pod for pod in living if not situation.updated(pod)]
    if len(new) > 1 or len(old) > 1:
        return None
    return Pair(new[0] if new else None, old[0] if old else None)

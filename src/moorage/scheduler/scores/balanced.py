"""Prefer nodes whose cpu and memory would be taken evenly (plugin noderesources, BalancedAllocation).

In: requests and offers. Out: 0 to 100 a node.
"""

from collections.abc import Sequence

from moorage.scheduler.scores import MOST
from moorage.scheduler.scores.leastallocated import fractions
from moorage.scheduler.snapshot import NodeState, Snapshot


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return how close the shares of cpu and memory would be: the less they deviate, the more."""
    return [MOST * (1 - _deviation(fractions(snapshot, node))) for node in nodes]


def _deviation(taken: list[float]) -> float:
    if len(taken) < 2:
        return 0.0
    return abs(taken[0] - taken[1]) / 2

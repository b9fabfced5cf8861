"""Prefer nodes with more left over (plugin noderesources, LeastAllocated over cpu and memory).

In: requests and offers. Out: 0 to 100 a node.
"""

from collections.abc import Sequence

from moorage.scheduler.amounts import CPU, MEMORY
from moorage.scheduler.scores import MOST
from moorage.scheduler.snapshot import NodeState, Snapshot


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return the mean share of cpu and memory that would be left."""
    return [_mean_left(snapshot, node) for node in nodes]


def fractions(snapshot: Snapshot, node: NodeState) -> list[float]:
    """Return the shares of cpu and memory that would be taken with the pod there, 0 to 1; unknown offers are left out."""
    request = snapshot.pod.request
    taken = {
        CPU: node.used_cpu_millis + request.cpu_millis,
        MEMORY: node.used_memory_bytes + request.memory_bytes,
    }
    offers = [(value, node.allocatable.get(name, 0)) for name, value in taken.items()]
    return [min(value / offer, 1.0) for value, offer in offers if offer]


def _mean_left(snapshot: Snapshot, node: NodeState) -> float:
    taken = fractions(snapshot, node)
    return MOST * (1 - sum(taken) / len(taken)) if taken else 0.0

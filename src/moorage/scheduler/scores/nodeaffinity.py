"""Prefer nodes that meet the pod's preferred node affinity (plugin nodeaffinity).

In: weighted terms, labels. Out: 0 to 100 a node.
"""

from collections.abc import Sequence

from moorage.api.nodematching import term_holds
from moorage.scheduler.scores import MOST
from moorage.scheduler.snapshot import NodeState, Snapshot


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return the weights that hold, relative to the best of these nodes."""
    preferred = snapshot.pod.affinity.preferred_nodes
    sums = [sum(weight for weight, term in preferred if term_holds(term, node.name, node.labels)) for node in nodes]
    best = max(sums, default=0)
    return [MOST * one / best if best else 0.0 for one in sums]

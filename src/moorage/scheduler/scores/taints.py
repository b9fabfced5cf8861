"""Prefer nodes with fewer PreferNoSchedule taints that the pod does not tolerate (plugin tainttoleration).

In: taints, tolerations. Out: 0 to 100 a node.
"""

from collections.abc import Sequence

from moorage.api.nodematching import tolerates
from moorage.scheduler.scores import MOST
from moorage.scheduler.snapshot import NodeState, Snapshot


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return 100 for no such taint, 0 for the most among these nodes."""
    tolerations = snapshot.pod.view.spec.tolerations
    counts = [
        sum(
            taint.effect == "PreferNoSchedule" and not any(tolerates(one, taint) for one in tolerations)
            for taint in node.view.spec.taints
        )
        for node in nodes
    ]
    worst = max(counts, default=0)
    return [MOST * (1 - count / worst) if worst else MOST for count in counts]

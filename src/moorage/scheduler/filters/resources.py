"""The sum of what pods ask for stays within what a node offers (plugin noderesources, Fit).

In: the pod's request, what the node offers and has given away. Out: `Verdict`.
"""

from moorage.scheduler.amounts import CPU, EPHEMERAL, MEMORY, PODS
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict

_FIRST = (CPU, MEMORY, EPHEMERAL)


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    wanted = snapshot.pod.request.amounts
    names = [*(name for name in _FIRST if name in wanted), *sorted(wanted.keys() - {*_FIRST, PODS})]

    def ask(node: NodeState) -> Rejection | None:
        reasons = ["Too many pods"] if len(node.pods) + 1 > node.allocatable.get(PODS, 0) else []
        reasons += [
            f"Insufficient {name}"
            for name in names
            if node.used.get(name, 0) + wanted[name] > node.allocatable.get(name, 0)
        ]
        return Rejection(tuple(reasons)) if reasons else None

    return ask

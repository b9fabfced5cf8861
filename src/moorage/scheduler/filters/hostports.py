"""A host port is given to one pod of a node only (plugin nodeports).

In: host ports of the pod and of the node's pods. Out: `Verdict`.
"""

from moorage.scheduler.podfacts import ANY_ADDRESS, HostPort
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict

REASON = "node(s) didn't have free ports for the requested pod ports"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    wanted = snapshot.pod.ports
    if not wanted:
        return None

    def ask(node: NodeState) -> Rejection | None:
        taken = any(_clash(one, other) for one in wanted for other in node.ports)
        return Rejection((REASON,)) if taken else None

    return ask


def _clash(one: HostPort, other: HostPort) -> bool:
    return one[1:] == other[1:] and (one[0] == other[0] or ANY_ADDRESS in (one[0], other[0]))

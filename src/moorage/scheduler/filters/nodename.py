"""A pod that names its node goes to no other (plugin nodename).

In: `spec.nodeName`, which is empty for a pod in the queue; kept for pods checked by other callers. Out: `Verdict`.
"""

from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

REASON = "node(s) didn't match the requested node name"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    wanted = snapshot.pod.view.spec.node_name
    if not wanted:
        return None

    def ask(node: NodeState) -> Rejection | None:
        return None if node.name == wanted else hopeless(REASON)

    return ask

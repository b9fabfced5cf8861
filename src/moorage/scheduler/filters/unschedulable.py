"""A cordoned node takes no pods but those that tolerate that (plugin nodeunschedulable).

In: `spec.unschedulable` of the node, tolerations of the pod. Out: `Verdict`.
"""

from moorage.api.nodematching import tolerates
from moorage.api.views.cluster import Taint
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

REASON = "node(s) were unschedulable"
_CORDON = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    if any(tolerates(one, _CORDON) for one in snapshot.pod.view.spec.tolerations):
        return None

    def ask(node: NodeState) -> Rejection | None:
        return hopeless(REASON) if node.view.spec.unschedulable else None

    return ask

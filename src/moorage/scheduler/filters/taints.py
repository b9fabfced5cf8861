"""A node's NoSchedule and NoExecute taints keep pods away that do not tolerate them (plugin tainttoleration).

In: tolerations of the pod, taints of the node. Out: `Verdict`.
"""

from moorage.api.nodematching import untolerated
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    tolerations = snapshot.pod.view.spec.tolerations

    def ask(node: NodeState) -> Rejection | None:
        taint = untolerated(node.view.spec.taints, tolerations)
        return hopeless(f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}") if taint else None

    return ask

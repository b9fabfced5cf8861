"""`nodeSelector` and required node affinity (plugin nodeaffinity).

In: the pod's wishes, labels and names of nodes. Out: `Verdict`.
"""

from moorage.api.nodematching import only_names, takes_node
from moorage.scheduler.podfacts import PodFacts
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import OnlyNodes, Rejection, Verdict, hopeless

REASON = "node(s) didn't match Pod's node affinity/selector"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    pod = snapshot.pod
    if not pod.view.spec.node_selector and pod.affinity.nodes is None:
        return None

    def ask(node: NodeState) -> Rejection | None:
        return None if wants(pod, node) else hopeless(REASON)

    names = only_names(pod.affinity.nodes) if pod.affinity.nodes else None
    return ask if names is None else OnlyNodes(names, ask)


def wants(pod: PodFacts, node: NodeState) -> bool:
    """Return whether the node has the labels and the name the pod asks for."""
    labels = node.labels
    if any(labels.get(key) != value for key, value in pod.view.spec.node_selector.items()):
        return False
    return pod.affinity.nodes is None or takes_node(pod.affinity.nodes, node.name, labels)

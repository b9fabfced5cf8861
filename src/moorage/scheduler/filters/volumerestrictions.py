"""A ReadWriteOncePod claim is used by one pod at a time (plugin volumerestrictions).

In: the pod's claims, the pods of each node. Out: `Verdict`.
"""

from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

REASON = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule: while any node has such a pod, only preemption on that very node could help."""
    exclusive = {
        facts.name for facts in snapshot.claims if facts.claim and "ReadWriteOncePod" in facts.claim.spec.access_modes
    }
    if not exclusive:
        return None
    namespace = snapshot.pod.key.namespace

    def uses(node: NodeState) -> bool:
        return any(
            other.key.namespace == namespace and not exclusive.isdisjoint(other.view.claim_names) for other in node.pods
        )

    if not any(map(uses, snapshot.nodes)):
        return None

    def ask(node: NodeState) -> Rejection | None:
        return Rejection((REASON,)) if uses(node) else hopeless(REASON)

    return ask

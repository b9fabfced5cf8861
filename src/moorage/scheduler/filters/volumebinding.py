"""The pod's volumes can be had on the node (plugin volumebinding; facts/statefulset.md 7.6).

In: claims, classes, volumes of the snapshot. Out: `Verdict`; what to do about unbound claims is `scheduler.volumes`.
"""

from moorage.scheduler import volumes
from moorage.scheduler.snapshot import ClaimFacts, NodeState, Snapshot
from moorage.scheduler.verdicts import Impossible, Rejection, Verdict

IMMEDIATE = "pod has unbound immediate PersistentVolumeClaims"
GONE = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
ELSEWHERE = "node(s) had volume node affinity conflict"
NO_VOLUME = "node(s) didn't find available persistent volumes to bind"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    if not snapshot.claims:
        return None
    problem = next(filter(None, (_problem(facts, snapshot) for facts in snapshot.claims)), "")
    if problem:
        return Impossible(problem)
    if any(facts.claim and not volumes.is_bound(facts.claim) and not volumes.waits(facts) for facts in snapshot.claims):
        return Impossible(IMMEDIATE)

    def ask(node: NodeState) -> Rejection | None:
        reasons = tuple(_reasons(snapshot, node))
        return Rejection(reasons, hopeless=True) if reasons else None

    return ask


def _problem(facts: ClaimFacts, snapshot: Snapshot) -> str:
    claim = facts.claim
    if claim is None:
        if facts.ephemeral:
            return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{facts.name}"'
        return f'persistentvolumeclaim "{facts.name}" not found'
    if claim.status.phase == "Lost":
        volume = claim.spec.volume_name
        return f'persistentvolumeclaim "{facts.name}" bound to non-existent persistentvolume "{volume}"'
    if claim.metadata.deleting:
        return f'persistentvolumeclaim "{facts.name}" is being deleted'
    owner = claim.metadata.controller
    if facts.ephemeral and (owner is None or owner.uid != snapshot.pod.uid):
        pod = snapshot.pod.key
        return f"PVC {pod.namespace}/{facts.name} was not created for pod {pod} (pod is not owner)"
    return ""


def _reasons(snapshot: Snapshot, node: NodeState) -> list[str]:
    bound = [facts for facts in snapshot.claims if facts.claim and volumes.is_bound(facts.claim)]
    if any(facts.volume is None for facts in bound):
        return [GONE]
    reasons = []
    if not all(volumes.reaches(facts.volume, node) for facts in bound if facts.volume):
        reasons.append(ELSEWHERE)
    if volumes.plan(snapshot, node) is None:
        reasons.append(NO_VOLUME)
    return reasons

"""Why a PodDisruptionBudget lets no pod be evicted.

In: a budget and the picture. Out: `Found`s. A closed budget does what it is for, so it never counts as stalled.
"""

from dataclasses import replace

from moorage.api import labels, meta
from moorage.api.refs import Document
from moorage.api.scheme import PODDISRUPTIONBUDGETS, PODS
from moorage.why import pod
from moorage.why.gate import Found, ref_of
from moorage.why.picture import Picture


def reasons(budget: Document, picture: Picture) -> list[Found]:
    """Return why nothing may be evicted: the pods that are not healthy, else the budget itself."""
    status = budget.get("status") or {}
    if status.get("disruptionsAllowed") or "expectedPods" not in status:
        return []
    own = ref_of(PODDISRUPTIONBUDGETS, budget)
    evidence = f"{status.get('currentHealthy', 0)} healthy, {status.get('desiredHealthy', 0)} wanted"
    command = f"kubectl edit pdb {own.name} -n {own.namespace}"
    opens = "more healthy pods, or a looser budget"
    held = Found("DisruptionBudget", own, evidence, opens=opens, command=command, holds="evict Pods", mild=True)
    chosen = labels.from_document(budget["spec"].get("selector"))
    covered = (one for one in picture.all(PODS, own.namespace) if chosen.matches(meta.labels(one)))
    roots = [found for one in covered for found in pod.reasons(one, picture)]
    return [
        *(replace(one.below(own), through=("DisruptionBudget",), holds=held.holds, mild=True) for one in roots),
        held,
    ]

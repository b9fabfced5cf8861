"""A node's NoSchedule and NoExecute taints keep pods away that do not tolerate them (plugin tainttoleration).

In: tolerations of the pod, taints of the node. Out: `Verdict`.
"""

from collections.abc import Iterable

from moorage.api.views.cluster import Taint
from moorage.api.views.pod import Toleration
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

_HARD = frozenset(("NoSchedule", "NoExecute"))


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    tolerations = snapshot.pod.view.spec.tolerations

    def ask(node: NodeState) -> Rejection | None:
        taint = untolerated(node.view.spec.taints, tolerations)
        return hopeless(f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}") if taint else None

    return ask


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> Taint | None:
    """Return the first taint that keeps the pod away, None if none does."""
    return next(
        (one for one in taints if one.effect in _HARD and not any(tolerates(bears, one) for bears in tolerations)),
        None,
    )


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Return whether a toleration bears a taint: an empty effect bears every effect, an empty key every key."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.operator in ("", "Equal") and toleration.value == taint.value

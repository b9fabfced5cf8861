"""Why a pod has no node, in upstream's words.

In: rejections by node, or one reason for all. Out: the message of the FailedScheduling event and of the condition.
Source: pkg/scheduler/framework/types.go (FitError), framework/preemption/preemption.go, Kubernetes 1.32.
"""

from collections import Counter
from collections.abc import Collection

from moorage.scheduler.podfacts import PodFacts
from moorage.scheduler.verdicts import Rejection

NO_NODES = "no nodes available to schedule pods"
_HOPELESS = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"


def rejected(pod: PodFacts, rejections: Collection[Rejection]) -> str:
    """Return why none of the nodes will do; one rejection a node."""
    reasons = Counter(reason for one in rejections for reason in one.reasons)
    helpful = sum(not one.hopeless for one in rejections)
    return f"{_summary(len(rejections), reasons)} {_preemption(pod, len(rejections), helpful)}"


def impossible(pod: PodFacts, nodes: int, message: str) -> str:
    """Return why the pod fits on no node at all, whatever the node."""
    return f"0/{nodes} nodes are available: {message}. {_preemption(pod, nodes, 0)}"


def _preemption(pod: PodFacts, nodes: int, helpful: int) -> str:
    """Return the second sentence. We never preempt (docs/deviations.md), so victims are never found."""
    if pod.view.spec.preemption_policy == "Never":
        return "preemption: not eligible due to preemptionPolicy=Never."
    counts = Counter({_HOPELESS: nodes - helpful, _NO_VICTIMS: helpful})
    return f"preemption: {_summary(nodes, +counts)}"


def _summary(nodes: int, reasons: Counter[str]) -> str:
    counted = sorted(f"{count} {reason}" for reason, count in reasons.items())
    return f"0/{nodes} nodes are available: {', '.join(counted)}."

"""Which ordinals an update may take: all above the partition, or only the canaries (`moorage.dev/canary`).

In: `Situation`. Out: whether it is an ordinal's turn to have the new revision at all. Beyond Kubernetes, which has only
the partition: a canary may lie below it, and promoting it leaves the partition as it is.
"""

from collections.abc import Container

from moorage.api.views.berth import MAX_ORDINAL
from moorage.controllers.statefulset.situation import Situation


def on(situation: Situation) -> bool:
    """Return whether only canaries are updated: a strategy that replaces pods in steps, not paused."""
    return bool(situation.options.canary) and situation.spec.strategy == "RollingUpdate"


def taken(situation: Situation) -> Container[int]:
    """Return the ordinals whose pods an update takes."""
    spec = situation.spec
    return situation.options.canary if on(situation) else range(spec.start + spec.partition, MAX_ORDINAL + 1)


def takes(situation: Situation, ordinal: int) -> bool:
    """Return whether an update takes the pod of an ordinal."""
    return ordinal in taken(situation)

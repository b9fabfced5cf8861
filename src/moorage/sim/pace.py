"""How long things take on a light kubelet's node, and which pods never start there.

In: pods. Out: `Pace`: ranges of virtual seconds, from which the node's dice choose. Fault runs use the default; whoever
foresees a real cluster measures it (`cli.plan`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim import podreport

Range = tuple[float, float]
BROKEN_IMAGE = "broken"


def _start(_pod: Document) -> Range:
    return 0.05, 1.0


def _ready(_pod: Document) -> Range:
    return 0.0, 1.0


def _stop(pod: Document) -> Range:
    return 0.0, min(meta.deletion_grace_seconds(pod) or 0, 3)


def _failure(pod: Document) -> str:
    return "ImagePullBackOff" if podreport.image(pod) == BROKEN_IMAGE else ""


def _never(_pod: Document) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Pace:
    """The speed of a node.

    Args:
        start: from the node's first look at a pod until its containers run.
        ready: from then until it is Ready.
        stop: from the order to end until nothing runs.
        failure: why a pod's containers never start, "" where they do: a waiting reason such as `ImagePullBackOff`.
        stuck: whether a pod stays as it is until it is deleted: one that was copied, whose trouble goes on.
    """

    start: Callable[[Document], Range] = _start
    ready: Callable[[Document], Range] = _ready
    stop: Callable[[Document], Range] = _stop
    failure: Callable[[Document], str] = _failure
    stuck: Callable[[Document], bool] = _never


USUAL = Pace()
"""Quick and uneven."""

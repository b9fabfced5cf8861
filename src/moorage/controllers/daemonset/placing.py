"""One pod for each node that fits, none where none fits; pods that are over are replaced.

In: `Situation`. Out: `Changes`. Source: podsShouldBeOnNode, getUnscheduledPodsWithoutNode (1.32).
"""

from collections.abc import Sequence
from typing import Any, Literal

from moorage.controllers.daemonset.situation import Changes, Situation, berth
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Emit

FAILED_SECONDS = 1.0
"""Least age at which a failed pod is replaced, seconds: nobody makes and refuses pods in a hot loop."""


def place(situation: Situation) -> Changes:
    """Return what every node lacks or has too many of."""
    create: list[str] = []
    delete: list[Cached[Any]] = []
    told: list[Emit] = []
    waits: list[float] = []
    for node in sorted({*situation.verdicts, *situation.pods}):
        verdict, pods = situation.verdict(node), situation.pods.get(node, ())
        if node not in situation.verdicts:
            # No node's agent will ever end a pod that was not bound before its node went.
            delete += [pod for pod in pods if not pod.view.spec.node_name and not berth(pod).deleting]
        elif verdict.runs and not pods:
            create.append(node)
        elif not verdict.stays:
            delete += [pod for pod in pods if not berth(pod).deleting]
        else:
            here = _settle(situation, node, pods)
            create += here.create
            delete += here.delete
            told += here.told
            waits += [] if here.wait is None else [here.wait]
    return Changes(tuple(create), tuple(delete), tuple(told), min(waits, default=None))


def _settle(situation: Situation, node: str, pods: Sequence[Cached[Any]]) -> Changes:
    """Return what a node wants whose pod may stay."""
    delete: list[Cached[Any]] = []
    told: list[Emit] = []
    waits: list[float] = []
    running: list[Cached[Any]] = []
    for pod in pods:
        if berth(pod).deleting:
            continue
        wait = _too_young(situation, pod)
        if berth(pod).phase not in _OVER:
            running.append(pod)
        elif wait is not None:
            waits.append(wait)
        else:
            delete.append(pod)
            told.append(_over(situation, pod, node))
    wanted: tuple[str, ...] = ()
    if not situation.surge:
        delete += running[1:]
    elif len(running) > 1:
        delete += _crowded(situation, running)
    elif not running and situation.verdict(node).runs:
        wanted = (node,)
    return Changes(wanted, tuple(delete), tuple(told), min(waits, default=None))


def _crowded(situation: Situation, running: Sequence[Cached[Any]]) -> list[Cached[Any]]:
    """Two pods of a node may stand side by side while the old one is ready and the new one not available yet."""
    new = [pod for pod in running if situation.updated(pod)]
    old = [pod for pod in running if not situation.updated(pod)]
    surplus = [*new[1:], *old[1:]]
    if new and old and (not berth(old[0]).ready or situation.available(new[0])):
        surplus.append(old[0])
    return surplus


_OVER: dict[str, tuple[Literal["Normal", "Warning"], str, str]] = {
    "Failed": ("Warning", "FailedDaemonPod", "Found failed daemon pod {pod} on node {node}, will try to kill it"),
    "Succeeded": (
        "Normal",
        "SucceededDaemonPod",
        "Found succeeded daemon pod {pod} on node {node}, will try to delete it",
    ),
}


def _over(situation: Situation, pod: Cached[Any], node: str) -> Emit:
    kind, reason, text = _OVER[berth(pod).phase]
    return Emit(situation.owner.document, kind, reason, text.format(pod=pod.key, node=node))


def _too_young(situation: Situation, pod: Cached[Any]) -> float | None:
    """Return in how many seconds a failed pod may be replaced, None for now."""
    made = pod.view.metadata.creation_timestamp
    if berth(pod).phase != "Failed" or made is None:
        return None
    left = FAILED_SECONDS - (situation.now - made).total_seconds()
    return left if left > 0 else None

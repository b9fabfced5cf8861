"""Why a daemon set holds back.

In: `Situation`. Out: gates; their names have a row each in docs/gates.md.
"""

from collections.abc import Iterator
from typing import Any

from moorage.api.scheme import DAEMONSETS, PODS
from moorage.controllers.daemonset.situation import Situation, berth
from moorage.informer.cache import Cached
from moorage.reconcile.plan import Culprit, Gate


def found(situation: Situation) -> Iterator[Gate]:
    """Yield what holds an update, or the availability of pods."""
    pods = [pod for node in sorted(situation.pods) for pod in situation.pods[node] if not berth(pod).deleting]
    outdated = [pod for pod in pods if not situation.updated(pod)]
    ripening = [left for pod in pods if (left := situation.ripens(pod)) is not None]
    owner = situation.owner
    me = Culprit(DAEMONSETS.kind, owner.key, owner.view.metadata.uid)
    if outdated and not situation.rolling:
        names = " ".join(pod.key.name for pod in outdated)
        opens = f"kubectl delete pod {names} -n {owner.key.namespace}"
        yield Gate("OnDelete", f"update {len(outdated)} Pods", me, "updateStrategy OnDelete", opens)
    elif outdated:
        yield from _waiting(situation, pods, outdated)
    if ripening:
        yield Gate("MinReadySeconds", f"{len(ripening)} Pods are available", me, f"{max(ripening):.0f} s left", "time")


def _waiting(situation: Situation, pods: list[Cached[Any]], outdated: list[Cached[Any]]) -> Iterator[Gate]:
    away = [pod for pod in pods if situation.updated(pod) and not situation.available(pod)]
    if away:
        first = away[0]
        culprit = Culprit(PODS.kind, first.key, first.view.metadata.uid)
        evidence = f"{len(away)} updated Pods not available"
        yield Gate("MaxUnavailableReached", f"update {len(outdated)} Pods", culprit, evidence, "that pod is available")

"""Getting out of a broken rollout: outdated pods that are not ready go at once, a rollout that stays broken goes back.

In: `Situation`. Out: `Progress`. Beyond Kubernetes, where a broken pod holds an ordered set although its template
has been corrected (#67250); both only where the set asks for it, see `options`.
"""

from moorage.api import meta
from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset import canary, options, pods
from moorage.controllers.statefulset.fleet import TERMINAL
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.reconcile.actions import Emit, Patch

KEPT_REVERTED = 10
"""Revisions the annotation `moorage.dev/reverted` remembers, newest last."""


def unstick(situation: Situation) -> Progress:
    """Delete the outdated pods that are not ready, at or above the partition, highest first."""
    spec = situation.spec
    if spec.strategy != "RollingUpdate" or not situation.options.mends:
        return Progress()
    stuck = [pod for one, pod in _unready(situation) if canary.takes(situation, one) and _may_go(situation, pod)]
    steps = tuple(pods.deletion(spec, pod) for pod in reversed(stuck))
    counted = sum(pod_berth(pod).revision == situation.choice.current for pod in stuck)
    return Progress(steps, halted=bool(steps), deleted=counted)


def revert(situation: Situation) -> Progress:
    """Go back to the current revision once a pod of the new one has been not ready for too long."""
    left = seconds_left(situation)
    if left is None or left[0] > 0:
        return Progress()
    spec, choice = situation.spec, situation.choice
    after = f"{situation.options.revert_after:.0f} s"
    text = f"Pod {left[1].key.name} at revision {choice.update} is not ready for {after}: back to {choice.current}"
    known = [one for one in situation.options.reverted if one != choice.update]
    body = {
        "metadata": {"annotations": {options.REVERTED: ",".join([*known, choice.update][-KEPT_REVERTED:])}},
        "spec": {"template": {**choice.current_template, "$patch": "replace"}},
    }
    patch = Patch(
        STATEFULSETS,
        spec.key,
        body,
        spec.uid,
        kind="strategic",
        resource_version=meta.resource_version(spec.document),
        on_success=Emit(spec.document, "Warning", "RolloutReverted", text),
    )
    return Progress((patch,), halted=True)


def seconds_left(situation: Situation) -> tuple[float, PodCached] | None:
    """Return (seconds until the rollout goes back, the pod that is to blame); None where it never does."""
    after, choice = situation.options.revert_after, situation.choice
    if after is None or situation.options.paused or choice.settled or choice.update in situation.options.reverted:
        return None
    if situation.spec.strategy != "RollingUpdate":
        return None
    broken = [(_since(pod), one, pod) for one, pod in _unready(situation) if not situation.outdated(pod)]
    if not broken:
        return None
    since, _, pod = min(broken, key=lambda row: row[:2])
    return since + after - situation.now.timestamp(), pod


def _unready(situation: Situation) -> list[tuple[int, PodCached]]:
    """Return (ordinal, pod) of those in range that are not ready, ascending; finished and leaving ones aside."""
    found = []
    for ordinal in situation.fleet.unusual:
        pod = situation.fleet.pods[ordinal]
        berth = pod_berth(pod)
        if not berth.ready and not berth.deleting and berth.phase not in TERMINAL:
            found.append((ordinal, pod))
    return found


def _may_go(situation: Situation, pod: PodCached) -> bool:
    """Return whether the set asked for this pod to go: by `unstick`, or because its revision was reverted."""
    wish = situation.options
    asked = wish.unstick in ("true", situation.choice.update) or pod_berth(pod).revision in wish.reverted
    return asked and situation.outdated(pod)


def _since(pod: PodCached) -> float:
    """Return since when a pod is not ready: the last change of its condition Ready, else its creation."""
    since = pod_berth(pod).ready_since
    created = meta.creation_time(pod.document)
    return since if since is not None else created.timestamp() if created else 0.0

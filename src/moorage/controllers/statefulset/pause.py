"""A rollout that is held: template changes wait, pods still come back as they were (`moorage.dev/paused`, canaries).

In: `Situation`. Out: `Progress`, and the revision a pod comes back at. Beyond Kubernetes, which pauses only Deployments.
A pod's revision is gone with the pod, so the set remembers which pods are ahead (`moorage.dev/ahead`).
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import meta, revisiondata
from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset import canary, gates, options
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import pod_berth
from moorage.reconcile.actions import Patch


def remember(situation: Situation) -> Progress:
    """Write down which pods are not at the current revision while others are held back, and forget it afterwards."""
    known = situation.options.ahead
    wanted = _ahead(situation) if situation.options.holds else {}
    if wanted == known or situation.options.asleep:
        return Progress()
    text = ",".join(f"{ordinal}={revision}" for ordinal, revision in sorted(wanted.items()))
    spec = situation.spec
    body = {"metadata": {"annotations": {options.AHEAD: text or None}}}
    version = meta.resource_version(spec.document)
    return Progress((Patch(STATEFULSETS, spec.key, body, spec.uid, resource_version=version),), halted=True)


def hold(situation: Situation) -> Progress:
    """Do nothing for the update, and say so where there is one."""
    wanted = situation.spec.ordinals
    old = [one for one, pod in situation.fleet.pods.items() if one in wanted and situation.outdated(pod)]
    return Progress(gates=(gates.rollout_paused(situation, old),)) if old else Progress()


def revision_for(situation: Situation, ordinal: int) -> tuple[str, Mapping[str, Any]]:
    """Return (revision, template) of a pod that comes back: a canary's, what it had, the current one if it is new."""
    had, choice = situation.options.ahead.get(ordinal, ""), situation.choice
    if not situation.options.paused and canary.takes(situation, ordinal):
        return choice.update, choice.update_template
    if had in situation.history:
        return had, revisiondata.template_of(situation.history[had])
    return choice.current, choice.current_template


def _ahead(situation: Situation) -> dict[int, str]:
    """Return the revision by ordinal: of pods that are there, and what is known of those that are not."""
    pods, current = situation.fleet.pods, situation.choice.current
    found = {one: revision for one, revision in situation.options.ahead.items() if one not in pods}
    found |= {one: revision for one, pod in pods.items() if (revision := pod_berth(pod).revision) != current}
    return {one: revision for one, revision in found.items() if one in situation.spec.ordinals and revision}

"""A set that is deleted takes its pods along in reverse order, then goes (`moorage.dev/ordered-delete`).

In: `Situation`. Out: `Progress`. Beyond Kubernetes, where the garbage collector takes all pods at once (#68627).
The set's finalizer keeps it until its last pod is gone; nothing but the finalizer and the pods themselves is remembered.
"""

from moorage.api import meta
from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset import gates, pods
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import pod_berth
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Patch

FINALIZER = "moorage.dev/ordered-delete"
ORPHAN = "orphan"
"""Finalizer of a deletion that leaves the pods alone."""


def guard(situation: Situation) -> Progress:
    """Give a living set the finalizer it asks for, or take it away again."""
    spec, asked = situation.spec, situation.options.ordered_delete
    if asked == (FINALIZER in meta.finalizers(spec.document)):
        return Progress()
    return Progress((_finalizer(spec, present=asked),), halted=True)


def take_down(situation: Situation) -> Progress:
    """Delete the highest pod once the one before is gone; without pods let the set go.

    A pod is deleted only as it was seen: one that has been orphaned meanwhile stays.
    """
    spec, finalizers = situation.spec, meta.finalizers(situation.spec.document)
    if FINALIZER not in finalizers or (ORPHAN in finalizers and situation.options.ordered_delete):
        return Progress(gates=(gates.set_deleting(situation),))
    left = sorted(situation.fleet.pods.items(), reverse=True)
    if not left or not situation.options.ordered_delete:
        return Progress((_finalizer(spec, present=False),), halted=True)
    going = next((pod for _, pod in left if pod_berth(pod).deleting), None)
    after = [pod.key.name for _, pod in left if not pod_berth(pod).deleting]
    if going is not None:
        holds = f"delete Pod {after[0]}" if after else f"delete StatefulSet {spec.name}"
        return Progress(gates=(gates.waits_for(situation, going, holds),), halted=True)
    return Progress((pods.deletion(spec, left[0][1], as_seen=True),), (gates.set_deleting(situation),), halted=True)


def _finalizer(spec: SetSpec, *, present: bool) -> Patch:
    kept = [one for one in meta.finalizers(spec.document) if one != FINALIZER]
    body = {"metadata": {"finalizers": [*kept, FINALIZER] if present else kept}}
    return Patch(
        STATEFULSETS, spec.key, body, spec.uid, resource_version=meta.resource_version(spec.document), missing_ok=True
    )

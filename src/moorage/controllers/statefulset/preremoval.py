"""The hook that must succeed before a pod goes for good: at a scale down, or by its reserved ordinal.

In: `Situation`, a condemned pod (`moorage.dev/pre-removal-hook`). Out: what to do for it, and why no more (#59343).
The request stands on the pod, its node's agent runs the hook and answers on the pod: no crash loses either, and the hook
runs at least once. Beyond Kubernetes, whose preStop cannot tell a restart from the end.
"""

from moorage.api import meta, removal
from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.controllers.statefulset import gates, pods
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.reconcile.actions import Action, Emit, Patch
from moorage.reconcile.plan import Gate


def remove(situation: Situation, pod: PodCached) -> tuple[tuple[Action, ...], tuple[Gate, ...]]:
    """Return what removes a condemned pod: its deletion, or first what its hook needs unless it only goes to sleep."""
    hook = situation.options.pre_removal
    if hook is None or pod_berth(pod).ordinal in situation.spec.awake:
        return (pods.deletion(situation.spec, pod),), ()
    asked = removal.request_of(pod.document)
    if asked is not None and asked.hook == hook:
        if removal.is_prepared(pod.document, asked):
            return (pods.deletion(situation.spec, pod),), ()
        said = removal.said(pod.document, asked) or _state(pod.document)
        return (), (gates.removal_hook(situation, pod, said),)
    if not hook:
        return (), (gates.removal_hook(situation, pod, "the hook of the set makes no sense"),)
    return (_ask(situation, pod, hook),), (gates.removal_hook(situation, pod, "being asked by this plan"),)


def withdraw(situation: Situation) -> Progress:
    """Ask nothing of pods that are in range: those of a scale down that was taken back."""
    marks = {mark for mark, berth in situation.fleet.examples.items() if berth.leaving}
    if not marks:
        return Progress()
    rows = [(one, pod) for one, pod in situation.fleet.pods.items() if pod_berth(pod).mark in marks]
    wanted = situation.spec.awake
    return Progress(tuple(_annotate(pod, None) for one, pod in rows if one in wanted))


def _ask(situation: Situation, pod: PodCached, hook: Document) -> Patch:
    """Return the request. The set's version tells it from an earlier one: in between the set has changed."""
    request = removal.Request(meta.resource_version(situation.spec.document), hook)
    text = f"Pod {pod.key.name} is asked to prepare for its removal: it waits for the pre-removal hook"
    return _annotate(
        pod, removal.request_text(request), Emit(situation.spec.document, "Normal", "PreRemovalHook", text)
    )


def _annotate(pod: PodCached, value: str | None, event: Emit | None = None) -> Patch:
    body = {"metadata": {"annotations": {removal.REQUEST: value}}}
    return Patch(PODS, pod.key, body, meta.uid(pod.document), on_success=event, missing_ok=True)


def _state(pod: Document) -> str:
    """Return why a hook that was asked for may not have run yet."""
    node = (pod.get("spec") or {}).get("nodeName")
    return f"asked, no answer from node {node} yet" if node else "asked, on no node yet"

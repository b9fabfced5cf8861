"""Gates of the StatefulSet: why a plan stops, who is to blame, what was seen, what would help.

In: a situation and the pod or claim in the way. Out: `Gate` values; every name has a row in docs/gates.md.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api import meta, owners
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODDISRUPTIONBUDGETS, PODS, STATEFULSETS
from moorage.controllers.statefulset.budgets import Allowance
from moorage.controllers.statefulset.fleet import TERMINAL
from moorage.controllers.statefulset.options import PAUSED
from moorage.controllers.statefulset.situation import Situation
from moorage.controllers.statefulset.snapshot import ClaimCached, PodCached, pod_berth
from moorage.reconcile.plan import Culprit, Gate


def waits_for(situation: Situation, pod: PodCached, holds: str, name: str = "") -> Gate:
    """Return the gate for a pod that is in the way.

    Args:
        name: gate to use instead of the one that follows from the pod's state.
    """
    kind, evidence, opens, since = _state(situation, pod)
    return Gate(name or kind, holds, _pod(pod), evidence, opens, since)


def starting(situation: Situation, pod: str, holds: str) -> Gate:
    """Return the gate of a pod that this very plan creates."""
    key = situation.spec.key._replace(name=pod)
    return Gate(
        "PodStarting", holds, Culprit(PODS.kind, key), "not there yet: this plan creates it", f"Pod {pod} available"
    )


def name_taken(situation: Situation, pod: PodCached) -> Gate:
    """Return the gate of a berth whose name somebody else's pod holds."""
    controller = owners.controller_of(pod.document)
    who = f"controlled by {controller['kind']} {controller['name']}" if controller else "with labels that do not match"
    opens = f"kubectl delete pod {pod.key.name} -n {pod.key.namespace}"
    return Gate("NameTaken", f"create Pod {pod.key.name}", _pod(pod), f"a pod of that name exists, {who}", opens)


def claim_gate(situation: Situation, name: str, claim: ClaimCached, pod: str) -> Gate:
    """Return the gate of a claim that must be gone before its pod is created (`ClaimTerminating`, `ClaimStale`)."""
    culprit = Culprit(PERSISTENTVOLUMECLAIMS.kind, claim.key, meta.uid(claim.document))
    if name == "ClaimStale":
        evidence = "still owned by an earlier pod of this name; the garbage collector removes it"
        return Gate(name, f"create Pod {pod}", culprit, evidence, f"claim {claim.key.name} gone")
    held = ", ".join(meta.finalizers(claim.document)) or "none"
    opens = f"claim {claim.key.name} gone: kubectl describe pvc {claim.key.name} -n {claim.key.namespace}"
    return Gate(name, f"create Pod {pod}", culprit, f"finalizers: {held}", opens, meta.deletion_time(claim.document))


def claim_late(name: str, claim: ClaimCached, size: str, evidence: str) -> Gate:
    """Return the gate of a claim that has not the size its template asks for."""
    culprit = Culprit(PERSISTENTVOLUMECLAIMS.kind, claim.key, meta.uid(claim.document))
    describe = f"kubectl describe pvc {claim.key.name} -n {claim.key.namespace}"
    allow = f"kubectl patch storageclass {_class(claim)} -p '{{\"allowVolumeExpansion\":true}}'"
    opens = {
        "ClaimGrowing": "its provisioner reports the new capacity",
        "ClaimGrowthFailed": f"what its resizer reports is mended, or less is asked for: {describe}",
        "ClaimFixedSize": f"its class allows volume expansion, if the provisioner can resize: {allow}",
    }
    return Gate(name, f"growth to {size}", culprit, " ".join(evidence.split()), opens[name])


def _class(claim: ClaimCached) -> str:
    return claim.view.spec.storage_class_name or "CLASS"


def partition_holds(situation: Situation, outdated: Iterable[int]) -> Gate:
    """Return the gate of pods below the partition."""
    spec = situation.spec
    names = ", ".join(f"{spec.name}-{ordinal}" for ordinal in sorted(outdated)[:5])
    patch = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
    opens = f"kubectl patch sts {spec.name} -n {spec.key.namespace} -p '{patch}'"
    return Gate("PartitionHolds", f"update {names}", _set(situation), f"partition {spec.partition}", opens)


def rollout_paused(situation: Situation, outdated: Iterable[int]) -> Gate:
    """Return the gate of pods that wait for their rollout to be resumed."""
    spec = situation.spec
    names = ", ".join(f"{spec.name}-{ordinal}" for ordinal in sorted(outdated)[:5])
    opens = f"moor rollout resume sts/{spec.name} -n {spec.key.namespace}"
    return Gate(
        "RolloutPaused",
        f"update {names}",
        _set(situation),
        f"{PAUSED}: {meta.annotations(spec.document)[PAUSED]}",
        opens,
    )


def canary_holds(situation: Situation, outdated: Iterable[int]) -> Gate:
    """Return the gate of pods that wait for the canaries to be promoted."""
    spec = situation.spec
    names = ", ".join(f"{spec.name}-{ordinal}" for ordinal in sorted(outdated)[:5])
    canaries = [one for one in sorted(situation.options.canary) if one in spec.ordinals]
    seen = f"canaries: {', '.join(map(str, canaries)) or 'no ordinal of the set'}"
    opens = f"moor rollout promote sts/{spec.name} -n {spec.key.namespace}"
    return Gate("CanaryHolds", f"update {names}", _set(situation), seen, opens)


def hibernating(situation: Situation, replicas: int) -> Gate:
    """Return the gate of a set that sleeps."""
    spec = situation.spec
    opens = f"moor wake sts/{spec.name} -n {spec.key.namespace}"
    return Gate("Hibernating", f"{replicas} pods", _set(situation), "moorage.dev/hibernate: true", opens)


def removal_hook(situation: Situation, pod: PodCached, evidence: str) -> Gate:
    """Return the gate of a pod that may not go before its pre-removal hook has succeeded."""
    spec, name = situation.spec, pod.key.name
    opens = f"the hook succeeds; without it: kubectl delete pod {name} -n {spec.key.namespace}"
    return Gate("PreRemovalHook", f"delete Pod {name}", _pod(pod), evidence, opens)


def on_delete(situation: Situation, outdated: Iterable[int]) -> Gate:
    """Return the gate of pods that only their deletion by hand updates."""
    spec = situation.spec
    names = [f"{spec.name}-{ordinal}" for ordinal in sorted(outdated)]
    opens = f"kubectl delete pod {names[-1]} -n {spec.key.namespace}"
    return Gate("OnDelete", f"update {', '.join(names[:5])}", _set(situation), "updateStrategy OnDelete", opens)


def bad_options(situation: Situation) -> tuple[Gate, ...]:
    """Return a gate for each annotation whose value makes no sense."""
    spec = situation.spec
    command = f"kubectl annotate sts {spec.name} -n {spec.key.namespace} --overwrite"
    return tuple(
        Gate(
            "OptionInvalid",
            f"what {name} asks for",
            _set(situation),
            text,
            f"a valid value, or none ({name}-): {command} {name}=VALUE",
        )
        for name, text in situation.options.problems
    )


def disruption_budget(allowance: Allowance, holds: str) -> Gate:
    """Return the gate of a budget that lets no more healthy pods go."""
    budget = allowance.budget
    culprit = Culprit(PODDISRUPTIONBUDGETS.kind, budget.key, meta.uid(budget.document))
    opens = f"more healthy pods, or a looser budget: kubectl edit pdb {budget.key.name} -n {budget.key.namespace}"
    return Gate("DisruptionBudget", holds, culprit, allowance.evidence, opens)


def set_deleting(situation: Situation) -> Gate:
    """Return the gate of a set that is being deleted."""
    document = situation.spec.document
    held = ", ".join(meta.finalizers(document)) or "none"
    opens = "the garbage collector removes what the set owns"
    since = meta.deletion_time(document)
    return Gate("SetDeleting", "every change of pods", _set(situation), f"finalizers: {held}", opens, since)


def _set(situation: Situation) -> Culprit:
    return Culprit(STATEFULSETS.kind, situation.spec.key, situation.spec.uid)


def _pod(pod: PodCached) -> Culprit:
    return Culprit(PODS.kind, pod.key, meta.uid(pod.document))


def _state(situation: Situation, pod: PodCached) -> tuple[str, str, str, datetime.datetime | None]:
    """Return (gate, evidence, what opens it, since when) for a pod, worst news first."""
    berth = pod_berth(pod)
    name, namespace = pod.key.name, pod.key.namespace
    if berth.deleting:
        grace = meta.deletion_grace_seconds(pod.document)
        held = ", ".join(meta.finalizers(pod.document))
        evidence = f"grace period {grace} s" + (f", finalizers: {held}" if held else "")
        return "PodTerminating", evidence, _gone(pod), meta.deletion_request_time(pod.document)
    if berth.phase in TERMINAL:
        return "PodFinished", _finished(pod.document), f"Pod {name} replaced", None
    if berth.ready and name not in situation.fleet.ripening:
        return "PodTerminating", "being deleted by this plan", f"Pod {name} back and available", None
    if berth.ready:
        ripe = situation.fleet.ripening[name]
        left = max(0.0, ripe - situation.now.timestamp())
        evidence = f"ready, not yet for {situation.spec.min_ready_seconds} s"
        return "MinReadySeconds", evidence, f"{left:.0f} s more", _transition(pod.document, "Ready")
    opens = f"Pod {name} ready"
    if situation.outdated(pod):
        opens = f"kubectl delete pod {name} -n {namespace} (it comes back at revision {situation.choice.update})"
    gate = "PodPending" if berth.phase == "Pending" else "PredecessorNotReady"
    return gate, evidence_of(pod.document), opens, _transition(pod.document, "Ready")


def evidence_of(document: Mapping[str, Any]) -> str:
    """Return why a pod is not ready, from its status: scheduler, images, crashes, probes; one line."""
    found = _unscheduled(document) or _containers(document) or _condition_text(document)
    phase = (document.get("status") or {}).get("phase") or "Pending"
    return " ".join(found.split()) or f"phase {phase}, no reason reported"


def _unscheduled(document: Mapping[str, Any]) -> str:
    condition = _condition(document, "PodScheduled")
    if not condition or condition.get("status") == "True":
        return ""
    return f"not scheduled: {condition.get('message') or condition.get('reason') or 'no reason given'}"


def _containers(document: Mapping[str, Any]) -> str:
    status = document.get("status") or {}
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for one in statuses:
        state = one.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if waiting.get("reason"):
            return _sentence(one, waiting["reason"], waiting.get("message"), _last_exit(one))
        if ended and ended.get("exitCode"):
            return _sentence(one, ended.get("reason") or "Error", f"exit code {ended['exitCode']}")
    late = [one["name"] for one in statuses if "running" in (one.get("state") or {}) and not one.get("ready")]
    return f"container {late[0]}: running, readiness probe has not passed" if late else ""


def _last_exit(container: Mapping[str, Any]) -> str:
    last = (container.get("lastState") or {}).get("terminated") or {}
    return f"last exit code {last['exitCode']}, restarts {container.get('restartCount', 0)}" if last else ""


def _sentence(container: Mapping[str, Any], *parts: str | None) -> str:
    return f"container {container['name']}: " + ", ".join(part for part in parts if part)


def _condition_text(document: Mapping[str, Any]) -> str:
    condition = _condition(document, "Ready") or {}
    return condition.get("message") or condition.get("reason") or ""


def _condition(document: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    found = (document.get("status") or {}).get("conditions") or ()
    return next((one for one in found if one.get("type") == kind), None)


def _transition(document: Mapping[str, Any], kind: str) -> datetime.datetime | None:
    since = (_condition(document, kind) or {}).get("lastTransitionTime")
    return datetime.datetime.fromisoformat(since) if since else meta.creation_time(document)


def _finished(document: Mapping[str, Any]) -> str:
    status = document.get("status") or {}
    return ": ".join(part for part in (status.get("phase"), status.get("reason"), status.get("message")) if part)


def _gone(pod: PodCached) -> str:
    force = f"kubectl delete pod {pod.key.name} -n {pod.key.namespace} --grace-period=0 --force"
    node = (pod.document.get("spec") or {}).get("nodeName")
    return f"node {node} reports it stopped; if that machine is surely off: {force}" if node else force

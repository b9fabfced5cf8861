"""Filling holes, repairing pods, removing condemned ones: all that comes before any update.

In: `Situation`. Out: `Progress`. Source: facts/statefulset.md 1.6 steps 3 and 6 to 9, 1.12; laws OR1 to OR3, ID3.
"""

from dataclasses import dataclass, replace
from typing import Any

from moorage.controllers.statefulset import canary, gates, identity, pause, pods, preremoval
from moorage.controllers.statefulset.claims import Tenant
from moorage.controllers.statefulset.fleet import TERMINAL
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.reconcile.actions import Action, Batch, Step
from moorage.reconcile.plan import Gate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wanted for one ordinal.

    Args:
        actions: writes, in order.
        gate: why no more than that.
        stops: an ordered set goes no further in this pass.
        fails: upstream reports an error here, which stops a Parallel set too.
    """

    actions: tuple[Action, ...] = ()
    gate: Gate | None = None
    stops: bool = False
    fails: bool = False


def fill(situation: Situation) -> Progress:
    """Process the ordinals in range: an ordered set ascending up to the first blocker, a Parallel one all at once."""
    fleet = situation.fleet
    attention = sorted({*fleet.holes, *fleet.unusual, *situation.claims.misfits(fleet.pods)})
    if situation.spec.ordered:
        return _ordered(situation, attention)
    return _parallel([_replica(situation, ordinal) for ordinal in attention])


def shrink(situation: Situation) -> Progress:
    """Give condemned pods' claims their owners, then remove the pods, highest ordinal first."""
    condemned = situation.fleet.condemned
    if not condemned:
        return Progress()
    steps: list[Step] = []
    if situation.spec.claim_templates:
        for pod in condemned:
            steps.extend(situation.claims.repairs(situation.tenant(pod, condemned=True)))
    removal = _remove_ordered(situation) if situation.spec.ordered else _remove_all(situation)
    return replace(removal, steps=(*steps, *removal.steps))


def revision_for(situation: Situation, ordinal: int) -> tuple[str, Any]:
    """Return (revision, template) for a pod that fills a hole (the table of step 3)."""
    spec, choice = situation.spec, situation.choice
    if situation.options.paused or canary.on(situation):
        return pause.revision_for(situation, ordinal)
    if spec.strategy != "RollingUpdate":
        old = False
    elif spec.rolling is None:
        old = ordinal < spec.start + (spec.status.get("currentReplicas") or 0)
    else:
        old = ordinal < spec.start + spec.rolling.partition
    return (choice.current, choice.current_template) if old else (choice.update, choice.update_template)


def _ordered(situation: Situation, attention: list[int]) -> Progress:
    steps: list[Step] = []
    for ordinal in attention:
        outcome = _replica(situation, ordinal)
        steps.extend(outcome.actions)
        if outcome.stops or outcome.fails:
            return Progress(tuple(steps), (outcome.gate,) if outcome.gate else (), halted=True)
    return Progress(tuple(steps))


def _parallel(outcomes: list[Outcome]) -> Progress:
    sequences = tuple(one.actions for one in outcomes if one.actions)
    found = tuple(one.gate for one in outcomes if one.gate)
    steps = (Batch(sequences),) if len(sequences) > 1 else sequences[0] if sequences else ()
    return Progress(steps, found, halted=any(one.fails for one in outcomes))


def _replica(situation: Situation, ordinal: int) -> Outcome:
    """Process one ordinal (the table of step 6)."""
    pod = situation.fleet.pods.get(ordinal)
    if pod is None:
        return _hole(situation, ordinal)
    berth = pod_berth(pod)
    if berth.phase in TERMINAL:
        return _finished(situation, pod)
    tenant = situation.tenant(pod)
    actions: tuple[Action, ...] = ()
    if berth.phase == "Pending" and not situation.claims.terminating(berth.name):
        actions = (*situation.claims.creations(tenant), *situation.claims.repairs(tenant))
    usable = situation.fleet.available(berth) and not berth.deleting
    gate = None if usable else gates.waits_for(situation, pod, _held_by(situation, ordinal))
    if situation.spec.ordered and gate:
        return Outcome(actions, gate, stops=True)
    return Outcome(actions or _repairs(situation, pod, tenant), gate)


def _repairs(situation: Situation, pod: PodCached, tenant: Tenant) -> tuple[Action, ...]:
    """Restore identity, storage and claim owners of a living pod, reported as one update of the pod.

    A pod gets the volume of an added claim template when the rollout replaces it: no living pod can.
    """
    replaced = situation.options.update_claims and situation.outdated(pod)
    fix = pods.repair(situation.spec, pod, storage=not replaced)
    patches = situation.claims.repairs(tenant)
    if fix is not None:
        return (*situation.claims.creations(tenant), *patches, fix)
    if not patches:
        return ()
    return (*patches, pods.done(situation.spec, "update", pod.key.name))


def _finished(situation: Situation, pod: PodCached) -> Outcome:
    """Delete a Failed or Succeeded pod; its successor waits until the object is gone (1.30: does not wait)."""
    spec, berth = situation.spec, pod_berth(pod)
    gate = gates.waits_for(situation, pod, f"create Pod {berth.name}")
    if not situation.rules.replace_failed_at_once:
        return Outcome(() if berth.deleting else (pods.deletion(spec, pod),), gate, stops=True)
    successor = _hole(situation, berth.ordinal)
    return replace(successor, actions=(pods.recreating(spec, pod), pods.deletion(spec, pod), *successor.actions))


def _hole(situation: Situation, ordinal: int) -> Outcome:
    """Create the claims and the pod of a free ordinal, unless its name or its claims are not free."""
    spec, claims = situation.spec, situation.claims
    name = identity.pod_name(spec.name, ordinal)
    if name in situation.foreign:
        return Outcome(gate=gates.name_taken(situation, situation.foreign[name]), fails=True)
    stale, terminating = claims.stale(name), claims.terminating(name)
    if stale is not None:
        why = "ClaimStale" if stale is not terminating else "ClaimTerminating"
        return Outcome(gate=gates.claim_gate(situation, why, stale, name), stops=True)
    if terminating is not None:
        gate = gates.claim_gate(situation, "ClaimTerminating", terminating, name)
        report = pods.failed(spec, "create", name, f"pvc {terminating.key.name} is being deleted")
        return Outcome((report,), gate, fails=True)
    tenant = Tenant(name)
    made = pods.creation(spec, ordinal, *revision_for(situation, ordinal))
    actions = (*claims.creations(tenant), made, *claims.repairs(tenant))
    if not spec.ordered:
        return Outcome(actions)
    return Outcome(actions, gates.starting(situation, name, _held_by(situation, ordinal)), stops=True)


def _remove_ordered(situation: Situation) -> Progress:
    """Remove one condemned pod, if nothing above it is still there and it is healthy or the lowest broken one."""
    broken = situation.fleet.broken(situation.fleet.condemned, situation.rules)
    first_broken = broken[-1] if broken else None
    pod = situation.fleet.condemned[0]
    berth = pod_berth(pod)
    holds = f"delete Pod {berth.name}" if not berth.deleting else _after_removal(situation, pod)
    if berth.deleting:
        return Progress(gates=(gates.waits_for(situation, pod, holds),), halted=True)
    usable = situation.fleet.available(berth)
    if not usable and pod is not first_broken and first_broken is not None:
        return Progress(gates=(gates.waits_for(situation, first_broken, holds, "CondemnedUnhealthy"),), halted=True)
    actions, found = preremoval.remove(situation, pod)
    return Progress(actions, found, halted=True)


def _remove_all(situation: Situation) -> Progress:
    """Remove every condemned pod of a Parallel set at once; its update does not wait for them to be gone."""
    going = [pod for pod in situation.fleet.condemned if pod_berth(pod).deleting]
    found = tuple(gates.waits_for(situation, pod, "the end of the scale down") for pod in going)
    removals = [preremoval.remove(situation, pod) for pod in situation.fleet.condemned if not pod_berth(pod).deleting]
    sequences = tuple(actions for actions, _ in removals if actions)
    found += tuple(gate for _, held in removals for gate in held)
    steps: tuple[Step, ...] = (Batch(sequences),) if len(sequences) > 1 else sequences[0] if sequences else ()
    return Progress(steps, found)


def _after_removal(situation: Situation, pod: PodCached) -> str:
    below = [one for one in situation.fleet.condemned if one is not pod]
    return f"delete Pod {below[0].key.name}" if below else "the end of the scale down"


def _held_by(situation: Situation, ordinal: int) -> str:
    """Return what an ordered set would do next if the pod of this ordinal were available."""
    fleet = situation.fleet
    hole = next((one for one in fleet.holes if one > ordinal), None)
    if hole is not None:
        return f"create Pod {identity.pod_name(situation.spec.name, hole)}"
    if fleet.condemned:
        return f"delete Pod {fleet.condemned[0].key.name}"
    if not situation.choice.settled:
        return f"update to revision {situation.choice.update}"
    return f"availability of Pod {identity.pod_name(situation.spec.name, ordinal)}"

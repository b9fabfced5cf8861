"""The update phase: which old pods are deleted now, and why the others are not.

In: `Situation`, once nothing is left to fill or repair. Out: `Progress`.
Source: facts/statefulset.md 1.6 step 11, 1.8, 1.13; laws OR4 to OR7.
"""

from dataclasses import dataclass, replace
from itertools import compress

from moorage.api.scheme import STATEFULSETS
from moorage.api.shares import scaled
from moorage.controllers.statefulset import budgets, canary, gates, identity, order, pods, preremoval
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import PodCached, pod_berth
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Action, Batch, Confirm, Delete, Step
from moorage.reconcile.plan import Gate


@dataclass(frozen=True, slots=True)
class Outdated:
    """Pods in range that are not at the update revision.

    Args:
        replaceable: at or above the partition, or canaries, not being deleted, in the order of the update.
        below: ordinals that the update does not take.
        all: every ordinal.
    """

    replaceable: tuple[PodCached, ...]
    below: tuple[int, ...]
    all: tuple[int, ...]


def update(situation: Situation) -> Progress:
    """Delete what may be deleted for the update."""
    found = _outdated(situation)
    if not found.all:
        return Progress()
    if situation.spec.strategy == "OnDelete":
        return Progress(gates=(gates.on_delete(situation, found.all),))
    progress = _roll(situation, found)
    if not found.below:
        return progress
    held = gates.canary_holds if canary.on(situation) else gates.partition_holds
    return replace(progress, gates=(*progress.gates, held(situation, found.below)))


def recreate(situation: Situation) -> Progress:
    """Strategy Recreate (KEP-3541): all old pods go at once, condemned ones too, before any new one is made."""
    old = [pod for pod in situation.fleet.pods.values() if situation.outdated(pod)]
    if not old:
        return Progress()
    old.sort(key=lambda pod: pod_berth(pod).ordinal, reverse=True)
    holds = f"create pods at revision {situation.choice.update}"
    staying = [pod for pod in old if not pod_berth(pod).deleting]
    removals = [_removal(situation, pod) for pod in staying]
    sequences = tuple(actions for actions, _ in removals if actions)
    found = tuple(gates.waits_for(situation, pod, holds) for pod in old if pod_berth(pod).deleting)
    found += tuple(gate for _, held in removals for gate in held)
    deleted = sum(isinstance(one, Delete) for actions in sequences for one in actions)
    steps = _confirmed(situation.spec, (Batch(sequences),) if sequences else ())
    return Progress(steps, found, halted=True, deleted=deleted)


def _confirmed(spec: SetSpec, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return steps that are taken only while the set still asks for what was decided on: a cache can be late by minutes, and
    an update that nobody wants any more must not take a pod (OR4 to OR7)."""
    return (Confirm(STATEFULSETS, spec.key, spec.uid, spec.generation), *steps) if steps else ()


def _removal(situation: Situation, pod: PodCached) -> tuple[tuple[Action, ...], tuple[Gate, ...]]:
    """Return what takes an old pod away: one out of range goes for good."""
    if pod_berth(pod).ordinal in situation.spec.awake:
        return (pods.deletion(situation.spec, pod),), ()
    return preremoval.remove(situation, pod)


def max_unavailable(limit: int | str | None, replicas: int) -> int:
    """Return how many pods an update may take away: percentages are rounded down, and it is at least one."""
    if limit is None:
        return 1
    return max(1, scaled(limit, replicas, up=False))


def _outdated(situation: Situation) -> Outdated:
    fleet, spec = situation.fleet, situation.spec
    marks = {mark for mark, berth in fleet.examples.items() if berth.revision != situation.choice.update}
    if not marks:
        return Outdated((), (), ())
    old = set(spec.ordinals).intersection(compress(fleet.ordinals, map(marks.__contains__, fleet.marks)))
    taken, ordinals = canary.taken(situation), sorted(old, reverse=True)
    above = [fleet.pods[one] for one in ordinals if one in taken]
    return Outdated(
        order.arranged(situation, tuple(pod for pod in above if not pod.view.berth.deleting)),
        tuple(one for one in ordinals if one not in taken),
        tuple(ordinals),
    )


def _roll(situation: Situation, found: Outdated) -> Progress:
    """Spend what maxUnavailable leaves, in the order of the update: from the highest ordinal down unless told otherwise."""
    spec = situation.spec
    missing = [identity.pod_name(spec.name, ordinal) for ordinal in situation.fleet.holes]
    sick = [pod for pod in _unusual(situation) if not situation.healthy(pod)]
    limit = max_unavailable(spec.rolling.max_unavailable if spec.rolling else None, spec.replicas)
    budget = limit - len(missing) - len(sick)
    broken: tuple[PodCached, ...] = ()
    if not spec.ordered and situation.rules.parallel_two_phases:
        broken = tuple(pod for pod in found.replaceable if not situation.healthy(pod))
        candidates = [pod for pod in found.replaceable if situation.healthy(pod)]
    else:
        candidates = list(found.replaceable)
    allowance = budgets.tightest(situation) if _goes_back(situation, candidates) else None
    least = budget if allowance is None else min(budget, allowance.pods)
    chosen = order.turn(situation, candidates, sick, missing)[: max(0, least)]
    doomed = [*broken, *chosen]
    steps: tuple[Step, ...] = _confirmed(spec, tuple(pods.deletion(spec, pod) for pod in doomed))
    held = candidates[len(chosen) :]
    found_gates: tuple[Gate, ...] = ()
    if held and allowance is not None and allowance.pods < budget:
        found_gates = (gates.disruption_budget(allowance, f"update Pod {held[0].key.name}"),)
    elif held:
        kind = "MaxUnavailableReached" if len(chosen) >= least else "UpdateOrder"
        found_gates = (_waits(situation, kind, [*sick, *doomed], missing, held[0]),)
    return Progress(steps, found_gates, deleted=len(doomed))


def _goes_back(situation: Situation, candidates: list[PodCached]) -> bool:
    """Return whether the set replaces pods because it went back by itself, not because somebody told it to."""
    reverted = situation.options.reverted
    return bool(reverted) and any(pod_berth(pod).revision in reverted for pod in candidates)


def _waits(situation: Situation, kind: str, sick: list[PodCached], missing: list[str], held: PodCached) -> Gate:
    """Return the gate of the next candidate; the pods in the way are unhealthy, just deleted, or not there yet."""
    holds = f"update Pod {held.key.name}{order.title(situation, held)}"
    if sick:
        return gates.waits_for(situation, sick[0], holds, kind)
    return gates.starting(situation, missing[0], holds)


def _unusual(situation: Situation) -> list[PodCached]:
    """Return the pods in range that could be unhealthy, ascending; all others are running as wanted."""
    return [situation.fleet.pods[ordinal] for ordinal in situation.fleet.unusual]

"""One decision about a set: claim, choose revisions, fill, shrink, update, report.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure.
Source: facts/statefulset.md 1.2 to 1.13, in that order.
"""

import datetime
from collections.abc import Callable

from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset import (
    adoption,
    claims,
    claimupdates,
    fleet,
    gates,
    hibernation,
    pause,
    preremoval,
    recovery,
    revisions,
    rollout,
    scale,
    status,
    teardown,
)
from moorage.controllers.statefulset.rules import NEWEST, Rules
from moorage.controllers.statefulset.situation import Progress, Situation
from moorage.controllers.statefulset.snapshot import Snapshot
from moorage.reconcile.actions import Confirm, Patch, Step
from moorage.reconcile.plan import Gate, Plan

_HAIR = 0.001
"""Added to the instant a pod turns available, seconds: the comparison is strict."""


def decide(snapshot: Snapshot, now: datetime.datetime, rules: Rules = NEWEST) -> Plan:
    """Return what is wanted for a set now.

    Adoption and new revisions are plans of their own: what depends on them is decided once the caches show them.
    """
    claimed = adoption.claim(snapshot)
    if claimed.writes:
        return Plan(steps=claimed.writes)
    choice = revisions.choose(snapshot)
    spec = snapshot.spec
    if choice.writes:
        # A set being deleted makes nothing: the garbage collector would remove each new revision at once, for ever.
        # One that is gone, or asks for something else by now, must not either, though a stale cache shows it: hence the
        # live look. Two managers would else promote each its own revision, for as long as one of them is stale.
        if spec.deleting:
            return Plan()
        confirmed = Confirm(STATEFULSETS, spec.key, spec.uid, spec.generation)
        return Plan(steps=(confirmed, *choice.writes), status=status.collided(spec, choice))
    situation = Situation(
        spec=spec,
        fleet=fleet.arrange(spec, claimed.roster, now),
        claims=claims.Claims(spec, rules, snapshot.claims),
        choice=choice,
        foreign={pod.key.name: pod for pod in claimed.foreign},
        now=now,
        rules=rules,
        options=spec.options,
        budgets=snapshot.budgets,
        history={one.key.name: one.document.get("data") or {} for one in snapshot.revisions},
        zones=snapshot.zones,
        growable=snapshot.growable,
    )
    progress = teardown.take_down(situation) if spec.deleting else _advance(situation)
    counts = status.count(situation.fleet, choice).less_current(progress.deleted)
    updates = claimupdates.follow(situation)
    told = updates.told(status.document(spec, choice, counts, rules))
    return Plan(
        steps=progress.steps,
        status=None if _changes_set(progress) else status.write(spec, told),
        cleanup=(
            *revisions.truncation(snapshot, choice, claimed.pods, situation.options.ahead.values()),
            *updates.steps,
        ),
        gates=(*gates.bad_options(situation), *progress.gates, *updates.gates),
        wake_after=_wake_after(situation),
    )


def _advance(situation: Situation) -> Progress:
    """Run the phases in order; each acts only if none before it halted."""
    phases: tuple[Callable[[Situation], Progress], ...] = (
        recovery.revert,
        recovery.unstick,
        scale.fill,
        scale.shrink,
        rollout.update,
    )
    if situation.spec.strategy == "Recreate":
        phases = (rollout.recreate, scale.fill, scale.shrink)
    if situation.options.paused:
        phases = (scale.fill, scale.shrink, pause.hold)
    if situation.options.asleep:
        phases = (scale.shrink, hibernation.tell)
    phases = (teardown.guard, pause.remember, preremoval.withdraw, *phases)
    steps: list[Step] = []
    found: list[Gate] = []
    deleted = 0
    for phase in phases:
        one = phase(situation)
        steps += one.steps
        found += one.gates
        deleted += one.deleted
        if one.halted:
            break
    return Progress(tuple(steps), tuple(found), deleted=deleted)


def _changes_set(progress: Progress) -> bool:
    """Return whether the set itself is written: its status waits for the version that makes."""
    return any(isinstance(step, Patch) and step.resource == STATEFULSETS for step in progress.steps)


def _wake_after(situation: Situation) -> float | None:
    """Return the seconds until the next ready pod turns available, or the rollout is given up."""
    now = situation.now.timestamp()
    ahead = [ripe - now for ripe in situation.fleet.ripening.values() if ripe >= now]
    reverting = recovery.seconds_left(situation)
    if reverting is not None and reverting[0] > 0:
        ahead.append(reverting[0])
    return min(ahead) + _HAIR if ahead else None

"""One decision about a Deployment: claim, find the new replica set, scale or roll, report.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure. Upstream: syncDeployment (1.32), in that order.
"""

import datetime

from moorage.api.scheme import DEPLOYMENTS, REPLICASETS
from moorage.controllers.deployment import gates, revisions, rollout, scale, status
from moorage.controllers.deployment.situation import Situation, situate
from moorage.controllers.deployment.snapshot import Snapshot
from moorage.reconcile import adoption
from moorage.reconcile.actions import Action
from moorage.reconcile.plan import Plan


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return what is wanted for a Deployment now.

    Adoption, a new replica set and its annotations are plans of their own: the rest is decided once the caches show them.
    """
    writes = _claims(snapshot)
    if writes:
        return Plan(steps=writes)
    situation = situate(snapshot, now)
    renewal = revisions.kept_up(situation)
    if renewal is not None:
        return Plan(steps=(renewal,))
    draft = status.begin(situation)
    if snapshot.owner.view.metadata.deleting:
        return Plan(status=status.counted(situation, draft).write())
    if snapshot.owner.view.spec.paused or scale.is_due(situation):
        return _scaled(situation, draft)
    return _rolled(situation, draft) if situation.rolls else _recreated(situation, draft)


def _claims(snapshot: Snapshot) -> tuple[Action, ...]:
    wish = adoption.Claim(
        snapshot.owner, DEPLOYMENTS, REPLICASETS, lambda one: snapshot.selector.matches(one.view.metadata.labels)
    )
    return adoption.claim(wish, (*snapshot.sets, *snapshot.orphans)).writes


def _scaled(situation: Situation, draft: status.Draft) -> Plan:
    """Change the number of replicas only: no new replica set, no estimate of progress."""
    is_paused = situation.owner.view.spec.paused
    return Plan(
        steps=scale.scale(situation),
        status=status.counted(situation, draft).write(),
        cleanup=revisions.cleanup(situation) if is_paused else (),
        gates=gates.paused(situation) if is_paused else (),
    )


def _rolled(situation: Situation, draft: status.Draft) -> Plan:
    if situation.new is None:
        return revisions.creation(situation, draft)
    steps = rollout.roll(situation)
    plan = _reported(situation, draft, under_way=bool(steps))
    return Plan(steps, plan.status, cleanup=plan.cleanup, gates=gates.rolling(situation), wake_after=plan.wake_after)


def _recreated(situation: Situation, draft: status.Draft) -> Plan:
    steps = rollout.recreate(situation)
    if situation.new is None and not steps and not rollout.lingering(situation):
        return revisions.creation(situation, draft)
    plan = _reported(situation, draft, under_way=bool(steps) or rollout.lingering(situation))
    return Plan(steps, plan.status, cleanup=plan.cleanup, gates=gates.recreating(situation), wake_after=plan.wake_after)


def _reported(situation: Situation, draft: status.Draft, *, under_way: bool) -> Plan:
    """Return status, history and the next look at the clock; history goes only once a rollout is complete."""
    done = status.of_rollout(situation, draft)
    complete = not under_way and status.is_complete(situation, draft.counts)
    return Plan(
        status=done.write(),
        cleanup=revisions.cleanup(situation) if complete else (),
        wake_after=status.seconds_left(situation, done),
    )

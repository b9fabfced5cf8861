"""One decision about a daemon set: claim, know the revision, place, update, report.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure. Upstream: syncDaemonSet (1.32).
"""

import datetime
from typing import Any

from moorage.api import meta
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, PODS
from moorage.base.limits import BURST_WRITES
from moorage.controllers.daemonset import gates, history, placing, rollout, status, template
from moorage.controllers.daemonset.situation import Changes, Situation, situate
from moorage.controllers.daemonset.snapshot import Snapshot
from moorage.controllers.podsteps import creation, deletion
from moorage.informer.cache import Cached
from moorage.reconcile import adoption
from moorage.reconcile.actions import Action, Batch, Step
from moorage.reconcile.plan import Plan


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return what is wanted for a daemon set now.

    Adoption and new revisions are plans of their own: what depends on them is decided once the caches show them.
    """
    writes = _claims(snapshot)
    if writes:
        return Plan(steps=writes)
    known = history.choose(snapshot)
    if known.collides:
        return Plan(status=status.collided(snapshot.owner))
    if known.writes:
        return Plan(steps=known.writes)
    situation = situate(snapshot, known.hash, now)
    changes = placing.place(situation)
    if not (changes.create or changes.delete) and situation.rolling:
        step = rollout.update(situation)
        changes = Changes(step.create, step.delete, changes.told, changes.wait)
    return Plan(
        steps=_steps(situation, changes),
        status=status.write(situation),
        cleanup=history.truncation(snapshot, known),
        gates=tuple(gates.found(situation)),
        wake_after=_wake_after(situation, changes),
    )


def _claims(snapshot: Snapshot) -> tuple[Action, ...]:
    """Return adoptions and releases of pods and revisions."""

    def matches(one: Cached[Any]) -> bool:
        return snapshot.selector.matches(meta.labels(one.document))

    pods = adoption.Claim(snapshot.owner, DAEMONSETS, PODS, matches)
    revisions = adoption.Claim(snapshot.owner, DAEMONSETS, CONTROLLERREVISIONS, matches)
    return (
        *adoption.claim(pods, (*snapshot.pods, *snapshot.orphans)).writes,
        *adoption.claim(revisions, (*snapshot.revisions, *snapshot.stray)).writes,
    )


def _steps(situation: Situation, changes: Changes) -> tuple[Step, ...]:
    """Return the writes; pods go first, so that a creation that is refused holds no deletion back."""
    owner = situation.owner
    gone = tuple((deletion(owner, pod),) for pod in changes.delete[:BURST_WRITES])
    made = tuple(
        (creation(owner, template.pod_document(owner, node, situation.hash)),) for node in changes.create[:BURST_WRITES]
    )
    return (*changes.told, *(Batch(sequences) for sequences in (gone, made) if sequences))


def _wake_after(situation: Situation, changes: Changes) -> float | None:
    """Return the seconds until the next pod turns available, or a failed one may be replaced."""
    waits = [situation.ripens(pod) for pods in situation.pods.values() for pod in pods]
    return min((wait for wait in (*waits, changes.wait) if wait is not None), default=None)

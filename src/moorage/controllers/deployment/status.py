"""Status to the digit, conditions to the word.

In: `Situation`. Out: the status write, if one is due. Source: calculateStatus, syncRolloutStatus, checkPausedConditions (1.32).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorage.api import meta
from moorage.api.conditions import conditions as stored_conditions
from moorage.api.conditions import find
from moorage.api.refs import Document
from moorage.api.scheme import DEPLOYMENTS
from moorage.controllers.deployment import annotations, conditions, resize
from moorage.controllers.deployment.conditions import Conditions
from moorage.controllers.deployment.situation import Situation, available, sizes
from moorage.reconcile.actions import Update

_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A status under way: what is stored, and what a decision makes of it.

    Args:
        situation: the Deployment.
        counts: numbers by their names in the status, without zeroes.
        conditions: in order.
        revision: what its annotation says, "" for none.
    """

    situation: Situation
    counts: Mapping[str, int]
    conditions: Conditions
    revision: str = ""
    collisions: int | None = field(default=None)

    def progressing(self, status: str, reason: str, message: str) -> "Draft":
        """Return the draft with condition Progressing set."""
        made = conditions.made(conditions.PROGRESSING, status, reason, message, self.situation.now)
        return self.having(conditions.with_one(self.conditions, made))

    def having(self, wanted: Conditions) -> "Draft":
        """Return the draft with other conditions."""
        return replace(self, conditions=wanted)

    def at_revision(self, revision: str) -> "Draft":
        """Return the draft with another revision."""
        return replace(self, revision=revision)

    def collided(self) -> "Draft":
        """Return the draft with one more collision of a replica set's name."""
        return replace(self, collisions=(self.collisions or 0) + 1)

    def write(self) -> Update | None:
        """Return the write, None where the stored object says so already."""
        update = self.always()
        return None if update.document == self.situation.document else update

    def always(self) -> Update:
        """Return the write."""
        owner = self.situation.document
        wanted: dict[str, Any] = {name: number for name, number in self.counts.items() if number}
        if self.conditions:
            wanted["conditions"] = [dict(one) for one in self.conditions]
        if self.collisions is not None:
            wanted["collisionCount"] = self.collisions
        document: Document = {**owner, "status": wanted}
        notes = meta.annotations(owner)
        if self.revision and self.revision != notes.get(annotations.REVISION):
            document = resize.annotated(document, {**notes, annotations.REVISION: self.revision})
        return Update(DEPLOYMENTS, document, subresource="status")


def begin(situation: Situation) -> Draft:
    """Return the stored status, with the revision of the new replica set, and pausing and finding it told."""
    owner = situation.document
    stored = owner.get("status") or {}
    counts = {name: stored[name] for name in ("observedGeneration", *_COUNTS) if name in stored}
    revision = meta.annotations(owner).get(annotations.REVISION, "")
    draft = Draft(situation, counts, stored_conditions(owner), revision, stored.get("collisionCount"))
    if situation.owner.view.metadata.deleting:
        return draft
    return _found(situation, _paused(situation, draft))


def counted(situation: Situation, draft: Draft) -> Draft:
    """Return the draft with everything counted, and condition Available."""
    sets, new = situation.sets, situation.new
    ready = sum(one.view.status.ready_replicas for one in sets)
    reachable = available(sets)
    counts = {
        "observedGeneration": situation.owner.view.metadata.generation,
        "replicas": sum(one.view.status.replicas for one in sets),
        "updatedReplicas": new.view.status.replicas if new is not None else 0,
        "readyReplicas": ready,
        "availableReplicas": reachable,
        "unavailableReplicas": max(0, sizes(sets) - reachable),
    }
    enough = reachable >= situation.wanted - situation.unavailable
    made = conditions.made(
        conditions.AVAILABLE,
        "True" if enough else "False",
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {'has' if enough else 'does not have'} minimum availability.",
        situation.now,
    )
    return replace(draft, counts=counts, conditions=conditions.with_one(draft.conditions, made))


def of_rollout(situation: Situation, draft: Draft) -> Draft:
    """Return the counted draft with what a rollout says of its progress and of failures of its replica sets."""
    present = find(draft.conditions, conditions.PROGRESSING)
    done = counted(situation, draft)
    if situation.deadline is None:
        done = done.having(conditions.without(done.conditions, conditions.PROGRESSING))
    elif not _was_complete(done, present):
        done = _progress(situation, draft, done)
    failures = [
        one
        for owner in ((situation.new,) if situation.new is not None else ()) + situation.sets
        for one in owner.view.status.conditions
        if one.get("type") == conditions.FAILURE
    ]
    if not failures:
        return done.having(conditions.without(done.conditions, conditions.FAILURE))
    told = {**failures[0], "lastUpdateTime": failures[0].get("lastTransitionTime")}
    return done.having(conditions.with_one(done.conditions, told))


def is_complete(situation: Situation, counts: Mapping[str, int]) -> bool:
    """Return whether counts say that every pod wanted is new and available, and that nothing else is left."""
    wanted = situation.wanted
    numbers = (counts.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas"))
    observed = counts.get("observedGeneration", 0) >= situation.owner.view.metadata.generation
    return observed and all(number == wanted for number in numbers)


def seconds_left(situation: Situation, done: Draft) -> float | None:
    """Return in how many seconds the rollout would have taken too long, None where nothing could."""
    present = find(done.conditions, conditions.PROGRESSING)
    if situation.deadline is None or present is None or is_complete(situation, done.counts):
        return None
    since = conditions.updated(present)
    if since is None or present.get("reason") in (conditions.TIMED_OUT, conditions.COMPLETE):
        return None
    end = since + datetime.timedelta(seconds=situation.deadline)
    return max(0.0, (end - situation.now).total_seconds()) + _SECOND


def _paused(situation: Situation, draft: Draft) -> Draft:
    """Tell pausing and resuming, so that time spent paused is no lack of progress."""
    reason = conditions.reason_of(draft.conditions, conditions.PROGRESSING)
    if situation.deadline is None or reason == conditions.TIMED_OUT:
        return draft
    is_paused = situation.owner.view.spec.paused
    if is_paused and reason != conditions.PAUSED:
        return draft.progressing("Unknown", conditions.PAUSED, "Deployment is paused")
    if not is_paused and reason == conditions.PAUSED:
        return draft.progressing("Unknown", conditions.RESUMED, "Deployment is resumed")
    return draft


def _found(situation: Situation, draft: Draft) -> Draft:
    new = situation.new
    if new is None:
        return draft
    draft = draft.at_revision(meta.annotations(new.document).get(annotations.REVISION, ""))
    if situation.deadline is None or find(draft.conditions, conditions.PROGRESSING) is not None:
        return draft
    return draft.progressing("True", conditions.FOUND, f'Found new replica set "{new.key.name}"')


def _was_complete(done: Draft, present: conditions.Condition | None) -> bool:
    """Return whether the last rollout is over: what happens to its pods now is no progress."""
    alone = done.counts["replicas"] == done.counts["updatedReplicas"]
    return alone and present is not None and present.get("reason") == conditions.COMPLETE


def _progress(situation: Situation, draft: Draft, done: Draft) -> Draft:
    new, present = situation.new, find(draft.conditions, conditions.PROGRESSING)
    who = f'ReplicaSet "{new.key.name}"' if new is not None else f'Deployment "{situation.name}"'
    if is_complete(situation, done.counts):
        return done.progressing("True", conditions.COMPLETE, f"{who} has successfully progressed.")
    if _moved(draft.counts, done.counts):
        made = conditions.made(
            conditions.PROGRESSING, "True", conditions.UPDATED, f"{who} is progressing.", situation.now
        )
        if present is not None and present.get("status") == "True":
            made = {**made, "lastTransitionTime": present.get("lastTransitionTime")}
        others = conditions.without(done.conditions, conditions.PROGRESSING)
        return done.having((*others, made))
    if _has_timed_out(situation, present):
        return done.progressing("False", conditions.TIMED_OUT, f"{who} has timed out progressing.")
    return done


def _moved(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Return whether there are more new, ready or available pods, or fewer old ones, than the stored status says."""
    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    if any(after.get(name, 0) > before.get(name, 0) for name in more):
        return True
    old = [counts.get("replicas", 0) - counts.get("updatedReplicas", 0) for counts in (after, before)]
    return old[0] < old[1]


def _has_timed_out(situation: Situation, present: conditions.Condition | None) -> bool:
    if present is None or situation.deadline is None or present.get("reason") == conditions.COMPLETE:
        return False
    if present.get("reason") == conditions.TIMED_OUT:
        return True
    since = conditions.updated(present)
    return since is not None and since + datetime.timedelta(seconds=situation.deadline) < situation.now

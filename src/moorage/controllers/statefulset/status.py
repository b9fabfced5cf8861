"""Status to the digit.

In: the fleet, the chosen revisions. Out: the status document and the write, if one is due.
Source: facts/statefulset.md 1.9, reliability OR10, OR11.
"""

from dataclasses import dataclass, replace
from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset.fleet import Fleet
from moorage.controllers.statefulset.revisions import Choice
from moorage.controllers.statefulset.rules import Rules
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Update

_COUNTS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
_ALWAYS_WRITTEN = frozenset(("replicas", "availableReplicas"))


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a status."""

    replicas: int = 0
    ready: int = 0
    available: int = 0
    current: int = 0
    updated: int = 0

    def less_current(self, deleted: int) -> "Counts":
        """Return the counts after the update phase deleted pods: upstream counts them off at once."""
        return replace(self, current=max(0, self.current - deleted))


def count(fleet: Fleet, choice: Choice) -> Counts:
    """Count the placed pods, terminating ones included where upstream includes them."""
    replicas = ready = current = updated = 0
    for mark, number in fleet.tally.items():
        berth = fleet.examples[mark]
        replicas += number
        ready += number if berth.ready else 0
        if not berth.deleting:
            current += number if berth.revision == choice.current else 0
            updated += number if berth.revision == choice.update else 0
    return Counts(replicas, ready, ready - len(fleet.ripening), current, updated)


def document(spec: SetSpec, choice: Choice, counts: Counts, rules: Rules) -> Document:
    """Return the status; where every pod matches, the update revision becomes the current one."""
    current, current_count = choice.current, counts.current
    if _is_complete(spec, counts, rules):
        current, current_count = choice.update, counts.updated
    status: dict[str, Any] = {
        "observedGeneration": spec.generation,
        "replicas": counts.replicas,
        "readyReplicas": counts.ready,
        "currentReplicas": current_count,
        "updatedReplicas": counts.updated,
        "currentRevision": current,
        "updateRevision": choice.update,
        "collisionCount": choice.collisions,
        "availableReplicas": counts.available,
    }
    if spec.status.get("conditions"):
        status["conditions"] = spec.status["conditions"]
    return {key: value for key, value in status.items() if value or key in _ALWAYS_WRITTEN or key == "collisionCount"}


def write(spec: SetSpec, wanted: Document) -> Update | None:
    """Return the write, None where nothing that upstream compares has changed."""
    if not _differs(spec, wanted):
        return None
    return Update(STATEFULSETS, {**spec.document, "status": wanted}, subresource="status")


def collided(spec: SetSpec, choice: Choice) -> Update | None:
    """Return the write that counts collisions of a new revision's name: once it exists, nothing tells of them."""
    if choice.collisions == (spec.status.get("collisionCount") or 0):
        return None
    return Update(
        STATEFULSETS,
        {**spec.document, "status": {**spec.status, "collisionCount": choice.collisions}},
        subresource="status",
    )


def _is_complete(spec: SetSpec, counts: Counts, rules: Rules) -> bool:
    completes = spec.strategy != "OnDelete" or rules.on_delete_completes
    # A set that sleeps has no pods, but is no further with its rollout for that.
    return completes and not spec.options.asleep and counts.updated == counts.ready == counts.replicas == spec.replicas


def _differs(spec: SetSpec, wanted: Document) -> bool:
    stored = spec.status
    if (wanted.get("observedGeneration") or 0) > (stored.get("observedGeneration") or 0):
        return True
    if any((wanted.get(name) or 0) != (stored.get(name) or 0) for name in _COUNTS):
        return True
    if (wanted.get("conditions") or []) != (stored.get("conditions") or []):
        return True
    return any((wanted.get(name) or "") != (stored.get(name) or "") for name in ("currentRevision", "updateRevision"))

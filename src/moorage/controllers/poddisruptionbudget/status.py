"""The status of a budget: what the API server reads before it grants an eviction.

In: `Snapshot`, what was counted, the instant. Out: the status write, if one is due. Source: updatePdbStatus and failSafe.
"""

import datetime
from collections.abc import Mapping

from moorage.api import conditions, meta
from moorage.api.refs import Document
from moorage.api.scheme import PODDISRUPTIONBUDGETS
from moorage.controllers.poddisruptionbudget.snapshot import Snapshot
from moorage.reconcile.actions import Update

_ALLOWED = "DisruptionAllowed"


def write(
    snapshot: Snapshot, counts: Mapping[str, int], disrupted: Mapping[str, str], now: datetime.datetime
) -> Update | None:
    """Return the write of what was counted, None where the status says so already.

    Args:
        snapshot: the budget and its pods.
        counts: `currentHealthy`, `desiredHealthy` and `expectedPods`.
        disrupted: pods an eviction was granted for and since when (RFC 3339), while they still may go.
        now: time of a transition.
    """
    document, generation = snapshot.budget.document, snapshot.budget.view.metadata.generation
    # A budget that covers nothing allows nothing: its first pods may come before this controller sees them.
    spare = counts["currentHealthy"] - counts["desiredHealthy"] if counts["expectedPods"] > 0 else 0
    allowed = max(0, spare)
    said = {"status": "True" if allowed else "False", "reason": "SufficientPods" if allowed else "InsufficientPods"}
    wanted: Document = {
        "observedGeneration": generation,
        "disruptionsAllowed": allowed,
        **counts,
        "conditions": _conditions(document, {**said, "message": "", "observedGeneration": generation}, now),
    }
    if disrupted:
        wanted["disruptedPods"] = dict(disrupted)
    return _update(document, wanted)


def failed(snapshot: Snapshot, problem: str, now: datetime.datetime) -> Update | None:
    """Return the write that allows nothing because nothing could be counted: better no eviction than a wrong one."""
    document = snapshot.budget.document
    said: Document = {"status": "False", "reason": "SyncFailed", "message": problem}
    if meta.observed_generation(document):
        said["observedGeneration"] = meta.observed_generation(document)
    present = document.get("status") or {}
    wanted = {**present, "disruptionsAllowed": 0, "conditions": _conditions(document, said, now)}
    return _update(document, wanted)


def _conditions(document: Document, said: Document, now: datetime.datetime) -> list[Document]:
    return conditions.with_condition(conditions.conditions(document), {"type": _ALLOWED, **said}, now)


def _update(document: Document, wanted: Document) -> Update | None:
    if wanted == document.get("status"):
        return None
    return Update(PODDISRUPTIONBUDGETS, {**document, "status": wanted}, "status")

"""The write that gives a replica set another size, and what is reported about it.

In: `Situation`, a replica set, a size. Out: actions.
"""

from itertools import pairwise
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import REPLICASETS
from moorage.controllers.deployment import annotations
from moorage.controllers.deployment.situation import Situation, size
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Emit, Update


def changed(situation: Situation, one: Cached[Any], wanted: int, between: int | None = None) -> Update | None:
    """Return the write that changes the size of a replica set, None where it has it; `between` is reported on the way."""
    return rescaled(situation, one, wanted, between) if size(one) != wanted else None


def rescaled(situation: Situation, one: Cached[Any], wanted: int, between: int | None = None) -> Update | None:
    """Return the write that changes the size or only the numbers noted with it, None where both are right."""
    notes = annotations.numbers(situation.wanted, situation.surge)
    present, before = meta.annotations(one.document), size(one)
    if before == wanted and notes.items() <= present.items():
        return None
    document = annotated({**one.document, "spec": {**one.document["spec"], "replicas": wanted}}, {**present, **notes})
    stops = [before, wanted] if between is None else [before, between, wanted]
    events = tuple(_scaled(situation, one, *step) for step in pairwise(stops) if step[0] != step[1])
    return Update(REPLICASETS, document, on_success=events)


def _scaled(situation: Situation, one: Cached[Any], before: int, after: int) -> Emit:
    direction = "up" if before < after else "down"
    return told(situation, f"Scaled {direction} replica set {one.key.name} from {before} to {after}")


def told(situation: Situation, message: str) -> Emit:
    """Return the event of a scaling."""
    return Emit(situation.document, "Normal", "ScalingReplicaSet", message)


def annotated(document: Document, wanted: dict[str, str]) -> Document:
    """Return a document with these annotations."""
    return {**document, "metadata": {**document["metadata"], "annotations": wanted}}

"""Tables: what `kubectl get` prints.

In: stored objects and a strategy's columns and cells. Out: a `Table` document (meta.k8s.io).
"""

import datetime
from collections.abc import Sequence

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver.documents import part
from moorage.apiserver.negotiate import Form
from moorage.apiserver.stored import Stored
from moorage.apiserver.strategy import Column, Strategy

_NAME = Column("Name", "string", "name", "Name must be unique within a namespace.")
_NAMED_LAST = frozenset({"events"})
"""Plurals whose columns say themselves where the name is."""

_OUTCOMES = {
    "Succeeded": ("Succeeded", "The pod has completed successfully."),
    "Failed": ("Failed", "The pod failed."),
}


def table(
    strategy: Strategy, form: Form, items: Sequence[Stored], metadata: Document, now: datetime.datetime
) -> Document:
    """Return objects as a Table with one row each."""
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": dict(metadata),
        "columnDefinitions": [_definition(column) for column in columns(strategy)],
        "rows": [_row(strategy, form, stored, now) for stored in items],
    }


def columns(strategy: Strategy) -> tuple[Column, ...]:
    """Return a kind's columns, Name included."""
    own = strategy.columns
    return own if strategy.resource.plural in _NAMED_LAST else (_NAME, *own)


def _definition(column: Column) -> Document:
    return column._asdict()


def _row(strategy: Strategy, form: Form, stored: Stored, now: datetime.datetime) -> Document:
    row: Document = {"cells": strategy.row(stored.document, now)}
    conditions = strategy.row_conditions(stored.document)
    if conditions:
        row["conditions"] = conditions
    if form.include == "Object":
        row["object"] = stored.document
    elif form.include == "Metadata":
        head = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{form.version}"}
        row["object"] = {**head, "metadata": stored.document["metadata"]}
    else:
        row["object"] = None
    outcome = _OUTCOMES.get(_phase(stored)) if strategy.resource == scheme.PODS else None
    if outcome is not None:
        reason, message = outcome
        row["conditions"] = [{"type": "Completed", "status": "True", "reason": reason, "message": message}]
    return row


def _phase(stored: Stored) -> str:
    phase: str = part(stored.document, "status").get("phase", "")
    return phase

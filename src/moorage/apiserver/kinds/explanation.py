"""Explanation: what `kubectl get why` shows. Asked, never stored.

In: documents of `moorage.why`. Out: `STRATEGY`: columns and the fields to select by.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import Column, Strategy
from moorage.why.explain import EXPLANATIONS


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    gates = items(document, "gates")
    first: Document = gates[0] if gates else {}
    culprit = part(first, "culprit")
    return [
        meta.name(document),
        document["state"],
        first.get("gate", cells.NONE),
        f"{culprit['kind']} {culprit['name']}" if culprit else cells.NONE,
        cells.since(first.get("since"), now) if first.get("since") else cells.NONE,
        first.get("evidence", cells.NONE),
        first.get("command") or first.get("opens") or cells.NONE,
    ]


def fields(document: Document) -> Mapping[str, str]:
    """Return what explanations can be selected by: `state=Stalled`."""
    return {"state": document.get("state", ""), "subject.kind": part(document, "subject").get("kind", "")}


STRATEGY = Strategy(
    EXPLANATIONS,
    columns=(
        Column("State"),
        Column("Gate"),
        Column("Culprit"),
        Column("Since"),
        Column("Evidence", priority=1),
        Column("Opens", priority=1),
    ),
    row=row,
    fields=fields,
)

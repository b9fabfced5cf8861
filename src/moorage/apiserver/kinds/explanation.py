"""Explanation: what `kubectl get why` shows. Asked, never stored.

In: documents of `moorage.why`. Out: `STRATEGY` (columns, fields to select by), `DEFINITIONS` (its schema).
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


def _text(description: str) -> Document:
    return {"type": "string", "description": description}


def _object(description: str, **properties: Document) -> Document:
    return {"type": "object", "description": description, "properties": properties}


def _list(items: Document, description: str) -> Document:
    return {"type": "array", "items": items, "description": description}


_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1."
_CULPRIT = _object(
    "the object that keeps the gate closed",
    kind=_text("its kind"),
    namespace=_text("its namespace"),
    name=_text("its name"),
)
_GATE = _object(
    "a named reason why the subject is not further",
    gate=_text("its name, a row of docs/gates.md"),
    culprit=_CULPRIT,
    evidence=_text("what was seen"),
    details=_list(_text("one line"), "more evidence, e.g. the verdict of each node"),
    since=_text("RFC 3339: since when it is closed"),
    opener=_text("who opens it: Itself, Person or Choice"),
    opens=_text("what would open it"),
    command=_text("the command to do so"),
    holds=_text("the step of a controller that waits"),
    path=_list(_text("kind and name"), "from the subject to the culprit"),
    through=_list(_text("name of a gate"), "gates of controllers that this one explains"),
)
_EXPLANATION = _object(
    "Explanation says why an object is not further. It is worked out when asked; nothing is stored.",
    apiVersion=_text("moorage.dev/v1"),
    kind=_text("Explanation"),
    metadata={"$ref": f"{_META}ObjectMeta"},
    subject=_object(
        "the object explained", apiVersion=_text("its version"), uid=_text("its uid"), **_CULPRIT["properties"]
    ),
    state=_text("Settled, Progressing, Stalled or Held (as the object asks)"),
    since=_text("RFC 3339: since when the first gate is closed"),
    deadline=_text("RFC 3339: when Progressing becomes Stalled"),
    gates=_list(_GATE, "what holds the subject back, the most telling first"),
    conditions=_list({"$ref": f"{_META}Condition"}, "Progressing and Stalled"),
    plans=_list({"type": "object"}, "with ?plans=true: what the ledger remembers, oldest first"),
)
_KIND = {"group": EXPLANATIONS.group, "version": EXPLANATIONS.version, "kind": EXPLANATIONS.kind}
DEFINITIONS: Mapping[str, Document] = {
    EXPLANATIONS.definition: {**_EXPLANATION, "x-kubernetes-group-version-kind": [_KIND]}
}

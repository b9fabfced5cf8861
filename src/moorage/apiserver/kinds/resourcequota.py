"""ResourceQuota: how much a namespace may hold.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/core/resourcequota; columns of printers/internalversion.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.resources import default_amounts
from moorage.apiserver.documents import keep, part
from moorage.apiserver.kinds import workload
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import resourcequota as rules


def default(document: Document) -> None:
    """Write every amount as Kubernetes does."""
    default_amounts(part(document, "spec", "hard"))
    for key in ("hard", "used"):
        default_amounts(part(document, "status", key))


def prepare_create(document: Document) -> None:
    """Start with nothing known."""
    document["status"] = {}


def prepare_status(new: Document, old: Document) -> None:
    """The spec stays."""
    keep(new, old, "spec")


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells: used and hard amounts, limits apart from everything else."""
    status = part(document, "status")
    hard, used = part(status, "hard"), part(status, "used")
    shown = {name: f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard)}
    limits = [text for name, text in shown.items() if name.startswith("limits.")]
    others = [text for name, text in shown.items() if not name.startswith("limits.")]
    return [meta.name(document), cells.age(document, now), ", ".join(others), ", ".join(limits)]


STRATEGY = Strategy(
    scheme.RESOURCEQUOTAS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=prepare_status,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    columns=(Column("Age"), Column("Request"), Column("Limit")),
    row=row,
    has_status=True,
)

"""Lease: who holds something, and until when.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/coordination/validation.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.values import not_negative, positive


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata and numbers."""
    return [*metadata.created(document, names.dns_subdomain), *_spec(document)]


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Check metadata and numbers."""
    return [*metadata.updated(new, old), *_spec(new)]


def _spec(document: Document) -> list[FieldError]:
    spec = part(document, "spec")
    return [
        *positive("spec.leaseDurationSeconds", spec.get("leaseDurationSeconds")),
        *not_negative("spec.leaseTransitions", spec.get("leaseTransitions")),
    ]


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [meta.name(document), part(document, "spec").get("holderIdentity", ""), cells.age(document, now)]


STRATEGY = Strategy(
    scheme.LEASES,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Holder"), Column("Age")),
    row=row,
    create_on_update=True,
    unconditional_update=False,
)

"""ServiceAccount: the identity of pods.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (ValidateServiceAccount).
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import items
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata


def validate_create(document: Document) -> list[FieldError]:
    """Check the metadata."""
    return metadata.created(document, names.dns_subdomain)


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Check the metadata."""
    return [*metadata.updated(new, old), *validate_create(new)]


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [meta.name(document), len(items(document, "secrets")), cells.age(document, now)]


STRATEGY = Strategy(
    scheme.SERVICEACCOUNTS,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Secrets"), Column("Age")),
    row=row,
)

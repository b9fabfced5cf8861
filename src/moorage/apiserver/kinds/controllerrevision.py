"""ControllerRevision: one remembered template of a StatefulSet or DaemonSet.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/apps/validation (ValidateControllerRevision).
"""

import datetime
from typing import Any

from moorage.api import meta, names, owners, scheme
from moorage.api.refs import Document, split_api_version
from moorage.apiserver import cells, verbatim
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import invalid, required
from moorage.apiserver.validation.values import IMMUTABLE, not_negative


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata; data must be there, the revision not below zero."""
    found = metadata.created(document, names.dns_subdomain)
    if document.get("data") is None:
        found.append(required("data", "data is mandatory"))
    return found + not_negative("revision", document.get("revision", 0))


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """The data stays, to the letter: white space and order count (upstream compares raw bytes)."""
    found = [*metadata.updated(new, old), *validate_create(new)]
    if verbatim.text_of(new.get("data")) != verbatim.text_of(old.get("data")):
        found.append(invalid("data", new.get("data"), IMMUTABLE))
    return found


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    owner = owners.controller_of(document)
    shown = cells.NONE
    if owner is not None:
        group, _version = split_api_version(owner.get("apiVersion", ""))
        shown = f"{owner.get('kind', '')}{'.' if group else ''}{group}".lower() + f"/{owner.get('name', '')}"
    return [meta.name(document), shown, document.get("revision", 0), cells.age(document, now)]


STRATEGY = Strategy(
    scheme.CONTROLLERREVISIONS,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Controller"), Column("Revision"), Column("Age")),
    row=row,
    verbatim="data",
)

"""Namespace: a name, a finalizer of its own, a phase.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/core/namespace, pkg/apis/core/validation.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import items, keep, own, part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata

NAME_LABEL = "kubernetes.io/metadata.name"
FINALIZER = "kubernetes"


def default(document: Document) -> None:
    """Label the namespace with its own name."""
    if meta.name(document) and meta.labels(document).get(NAME_LABEL) != meta.name(document):
        meta.set_label(document, NAME_LABEL, meta.name(document))


def prepare_create(document: Document) -> None:
    """Start active and held by the namespace controller's finalizer; a label for a generated name."""
    default(document)
    document["status"] = {"phase": "Active"}
    finalizers = items(document, "spec", "finalizers")
    if FINALIZER not in finalizers:
        own(document, "spec")["finalizers"] = [*finalizers, FINALIZER]


def prepare_update(new: Document, old: Document) -> None:
    """Only `/finalize` changes the spec, only `/status` the status."""
    keep(new, old, "spec")
    keep(new, old, "status")


def prepare_status(new: Document, old: Document) -> None:
    """Only status changes."""
    keep(new, old, "spec")


def validate_create(document: Document) -> list[FieldError]:
    """Check the metadata; a namespace is named by a DNS label."""
    return metadata.created(document, names.dns_label, namespaced=False)


def fields(document: Document) -> dict[str, str]:
    """Return what it can be selected by."""
    return {"status.phase": part(document, "status").get("phase", "")}


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [meta.name(document), part(document, "status").get("phase", ""), cells.age(document, now)]


STRATEGY = Strategy(
    scheme.NAMESPACES,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=validate_create,
    validate_update=metadata.updated,
    validate_status=metadata.updated,
    columns=(Column("Status"), Column("Age")),
    row=row,
    fields=fields,
    has_status=True,
)

"""What all workloads share: status apart from spec, columns of their containers, when their generation grows.

In: documents. Out: cells, prepared documents, and whether the spec changed.
"""

from typing import Any

from moorage.api import labels
from moorage.api.refs import Document
from moorage.apiserver.documents import items, keep, part
from moorage.apiserver.strategy import Column

CONTAINER_COLUMNS = (Column("Containers", priority=1), Column("Images", priority=1))
SELECTED_COLUMNS = (*CONTAINER_COLUMNS, Column("Selector", priority=1))


def keep_status(new: Document, old: Document) -> None:
    """Only `/status` changes the status."""
    keep(new, old, "status")


def keep_spec(new: Document, old: Document) -> None:
    """`/status` does not change the spec."""
    keep(new, old, "spec")


def container_cells(template: Document) -> list[Any]:
    """Return names and images of the containers of a template."""
    containers = items(template, "spec", "containers")
    return [",".join(one.get(key, "") for one in containers) for key in ("name", "image")]


def selected_cells(document: Document) -> list[Any]:
    """Return the cells for `SELECTED_COLUMNS`."""
    spec = part(document, "spec")
    return [*container_cells(part(spec, "template")), labels.format_document(spec.get("selector"))]


def spec_changed(new: Document, old: Document) -> bool:
    """Return whether the spec is another one."""
    return new.get("spec") != old.get("spec")

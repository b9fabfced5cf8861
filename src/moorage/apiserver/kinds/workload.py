"""What all workloads share: columns of their containers, and when their generation grows.

In: documents. Out: cells, and whether the spec changed.
"""

from typing import Any

from moorage.api.refs import Document
from moorage.apiserver.documents import items
from moorage.apiserver.strategy import Column

CONTAINER_COLUMNS = (Column("Containers", priority=1), Column("Images", priority=1))


def container_cells(template: Document) -> list[Any]:
    """Return names and images of the containers of a template."""
    containers = items(template, "spec", "containers")
    return [",".join(one.get(key, "") for one in containers) for key in ("name", "image")]


def spec_changed(new: Document, old: Document) -> bool:
    """Return whether the spec is another one."""
    return new.get("spec") != old.get("spec")

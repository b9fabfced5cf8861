"""RoleBinding: who has a role in one namespace.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/rbac/rolebinding, pkg/apis/rbac/v1/defaults.go.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill_empty
from moorage.apiserver.documents import items, own, part
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import rbac


def default(document: Document) -> None:
    """Fill in API groups."""
    fill_empty(own(document, "roleRef"), {"apiGroup": rbac.GROUP})
    for subject in items(document, "subjects"):
        if subject.get("kind") in ("User", "Group"):
            fill_empty(subject, {"apiGroup": rbac.GROUP})


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    reference = part(document, "roleRef")
    subjects = items(document, "subjects")
    accounts = [f"{one.get('namespace', '')}/{one['name']}" for one in subjects if one.get("kind") == "ServiceAccount"]
    return [
        meta.name(document),
        f"{reference.get('kind', '')}/{reference.get('name', '')}",
        cells.age(document, now),
        ", ".join(one["name"] for one in subjects if one.get("kind") == "User"),
        ", ".join(one["name"] for one in subjects if one.get("kind") == "Group"),
        ", ".join(accounts),
    ]


COLUMNS = (
    Column("Role"),
    Column("Age"),
    *(Column(name, priority=1) for name in ("Users", "Groups", "ServiceAccounts")),
)

STRATEGY = Strategy(
    scheme.ROLEBINDINGS,
    default=default,
    validate_create=rbac.binding,
    validate_update=rbac.binding_updated,
    columns=COLUMNS,
    row=row,
    create_on_update=True,
)

"""Role: what may be done in one namespace.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/rbac/role.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import rbac


def row(document: Document, _now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [meta.name(document), document["metadata"].get("creationTimestamp")]


CREATED_AT = Column("Created At", "date")

STRATEGY = Strategy(
    scheme.ROLES,
    validate_create=rbac.role,
    validate_update=rbac.role_updated,
    columns=(CREATED_AT,),
    row=row,
    create_on_update=True,
)

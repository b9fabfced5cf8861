"""ConfigMap: keys and values, frozen by `immutable`.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (ValidateConfigMap, ValidateConfigMapUpdate).
"""

import base64
import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import invalid, too_long
from moorage.apiserver.validation.keyed import MAX_BYTES, frozen
from moorage.apiserver.validation.values import named


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata, keys and the size of everything."""
    found = metadata.created(document, names.dns_subdomain)
    data, binary = part(document, "data"), part(document, "binaryData")
    size = 0
    for key, value in data.items():
        found += named(f"data[{key}]", key, names.config_key)
        if key in binary:
            found.append(invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
        size += len(value.encode())
    for key, value in binary.items():
        found += named(f"binaryData[{key}]", key, names.config_key)
        size += len(base64.b64decode(value))
    if size > MAX_BYTES:
        found.append(too_long("[]", MAX_BYTES))
    return found


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Refuse changes of a frozen ConfigMap, and check the rest as on create."""
    return [*metadata.updated(new, old), *frozen(new, old, ("data", "binaryData")), *validate_create(new)]


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    count = len(part(document, "data")) + len(part(document, "binaryData"))
    return [meta.name(document), count, cells.age(document, now)]


STRATEGY = Strategy(
    scheme.CONFIGMAPS,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(Column("Data"), Column("Age")),
    row=row,
)

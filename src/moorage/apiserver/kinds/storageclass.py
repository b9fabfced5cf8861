"""StorageClass: who makes volumes, and when.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/storage/validation.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden, invalid_each, required, too_long
from moorage.apiserver.validation.selectors import topology_terms
from moorage.apiserver.validation.values import one_of

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"
_RECLAIM = ("Delete", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")
_PARAMETER_BYTES = 256 * 1024
_PARAMETERS = 512


def default(document: Document) -> None:
    """Delete volumes with their claims, bind at once."""
    fill(document, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})


def validate_create(document: Document) -> list[FieldError]:
    """Check the whole class."""
    reclaim, binding = document.get("reclaimPolicy", ""), document.get("volumeBindingMode", "")
    return [
        *metadata.created(document, names.dns_subdomain, namespaced=False),
        *_provisioner(document.get("provisioner", "")),
        *_parameters(part(document, "parameters")),
        *(one_of("reclaimPolicy", reclaim, _RECLAIM) if reclaim else []),
        *(one_of("volumeBindingMode", binding, _BINDING) if binding else [required("volumeBindingMode")]),
        *topology_terms("allowedTopologies", items(document, "allowedTopologies")),
    ]


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Provisioner, parameters, reclaim policy and binding mode stay."""
    found = metadata.updated(new, old)
    for key in ("parameters", "provisioner", "reclaimPolicy"):
        if (new.get(key) or None) != (old.get(key) or None):
            found.append(forbidden(key, f"updates to {key} are forbidden."))
    if new.get("volumeBindingMode") != old.get("volumeBindingMode"):
        found.append(forbidden("volumeBindingMode", "field is immutable"))
    return found + topology_terms("allowedTopologies", items(new, "allowedTopologies"))


def _provisioner(name: str) -> list[FieldError]:
    if not name:
        return [required("provisioner", name)]
    return invalid_each("provisioner", name, names.qualified_name(name.lower()))


def _parameters(parameters: Document) -> list[FieldError]:
    found = []
    if len(parameters) > _PARAMETERS:
        found.append(too_long("parameters", _PARAMETERS))
    for key in parameters:
        if not key:
            found.append(required("parameters"))
    if sum(len(key) + len(value) for key, value in parameters.items()) > _PARAMETER_BYTES:
        found.append(too_long("parameters", _PARAMETER_BYTES))
    return found


def is_default(document: Document) -> bool:
    """Return whether claims without class get this one."""
    annotations = meta.annotations(document)
    return "true" in (annotations.get(DEFAULT_CLASS), annotations.get(_BETA_DEFAULT_CLASS))


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [
        meta.name(document) + (" (default)" if is_default(document) else ""),
        document.get("provisioner", ""),
        document.get("reclaimPolicy", ""),
        document.get("volumeBindingMode", ""),
        bool(document.get("allowVolumeExpansion")),
        cells.age(document, now),
    ]


STRATEGY = Strategy(
    scheme.STORAGECLASSES,
    default=default,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=(
        Column("Provisioner"),
        Column("ReclaimPolicy"),
        Column("VolumeBindingMode"),
        Column("AllowVolumeExpansion"),
        Column("Age"),
    ),
    row=row,
)

"""PersistentVolumeClaim: a wish for a volume.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation, pkg/registry/core/persistentvolumeclaim.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.volumes import default_claim
from moorage.apiserver.documents import keep, own, part
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import claims as rules

_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def prepare_create(document: Document) -> None:
    """Start pending; the older and the newer field for a data source say the same."""
    document["status"] = {"phase": "Pending"}
    _same_source(own(document, "spec"))


def prepare_update(new: Document, old: Document) -> None:
    """Only `/status` changes the status."""
    keep(new, old, "status")
    _same_source(own(new, "spec"))


def prepare_status(new: Document, old: Document) -> None:
    """The spec stays."""
    keep(new, old, "spec")


def _same_source(spec: Document) -> None:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source and not reference.get("namespace"):
        spec["dataSource"] = {key: reference[key] for key in ("apiGroup", "kind", "name") if key in reference}


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells; capacity and modes are those of the volume it has."""
    spec, status = part(document, "spec"), part(document, "status")
    bound = bool(spec.get("volumeName"))
    capacity = part(status, "capacity").get("storage", "0") if bound else ""
    return [
        meta.name(document),
        "Terminating" if meta.is_deleting(document) else status.get("phase", ""),
        spec.get("volumeName", ""),
        capacity,
        cells.access_modes(status.get("accessModes") or ()) if bound else "",
        class_of(document),
        spec.get("volumeAttributesClassName") or cells.UNSET,
        cells.age(document, now),
        spec.get("volumeMode") or cells.UNSET,
    ]


def class_of(document: Document) -> str:
    """Return the storage class a claim or volume names, in its annotation or its spec."""
    found: str = meta.annotations(document).get(_CLASS_ANNOTATION) or ""
    return found or part(document, "spec").get("storageClassName") or ""


STRATEGY = Strategy(
    scheme.PERSISTENTVOLUMECLAIMS,
    default=default_claim,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    columns=(
        Column("Status"),
        Column("Volume"),
        Column("Capacity"),
        Column("Access Modes"),
        Column("StorageClass"),
        Column("VolumeAttributesClass"),
        Column("Age"),
        Column("VolumeMode", priority=1),
    ),
    row=row,
    has_status=True,
)

"""PersistentVolume: a volume, and the claim it belongs to.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation, pkg/registry/core/persistentvolume.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.resources import default_amounts
from moorage.apiserver.defaulting.volumes import default_source
from moorage.apiserver.documents import keep, own, part
from moorage.apiserver.kinds.persistentvolumeclaim import class_of
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import persistentvolumes as rules


def default(document: Document) -> None:
    """Retain, a file system, pending; and what its source needs."""
    spec = own(document, "spec")
    fill_empty(own(document, "status"), {"phase": "Pending"})
    fill_empty(spec, {"persistentVolumeReclaimPolicy": "Retain"})
    fill(spec, {"volumeMode": "Filesystem"})
    default_source(spec)
    default_amounts(part(spec, "capacity"))


def prepare_create(document: Document) -> None:
    """Start pending."""
    document["status"] = {"phase": "Pending"}


def prepare_update(new: Document, old: Document) -> None:
    """Only `/status` changes the status."""
    keep(new, old, "status")


def prepare_status(new: Document, old: Document) -> None:
    """The spec stays."""
    keep(new, old, "spec")


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec, status = part(document, "spec"), part(document, "status")
    claim = spec.get("claimRef")
    return [
        meta.name(document),
        part(spec, "capacity").get("storage", "0"),
        cells.access_modes(spec.get("accessModes") or ()),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if meta.is_deleting(document) else status.get("phase", ""),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        class_of(document),
        spec.get("volumeAttributesClassName") or cells.UNSET,
        status.get("reason", ""),
        cells.age(document, now),
        spec.get("volumeMode") or cells.UNSET,
    ]


STRATEGY = Strategy(
    scheme.PERSISTENTVOLUMES,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    columns=(
        Column("Capacity"),
        Column("Access Modes"),
        Column("Reclaim Policy"),
        Column("Status"),
        Column("Claim"),
        Column("StorageClass"),
        Column("VolumeAttributesClass"),
        Column("Reason"),
        Column("Age"),
        Column("VolumeMode", priority=1),
    ),
    row=row,
    has_status=True,
)

"""ReplicaSet: as many pods as asked for.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/apps/v1 (defaults), pkg/registry/apps/replicaset.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.documents import own, part
from moorage.apiserver.kinds import deployment, workload
from moorage.apiserver.strategy import Column, ScalePaths, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import workloads


def default(document: Document) -> None:
    """Fill the spec and its template."""
    spec = own(document, "spec")
    fill(spec, {"replicas": 1})
    default_template(own(spec, "template"))


def prepare_create(document: Document) -> None:
    """Start without status."""
    document["status"] = {"replicas": 0}


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    status = part(document, "status")
    return [
        meta.name(document),
        part(document, "spec").get("replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        cells.age(document, now),
        *workload.selected_cells(document),
    ]


STRATEGY = Strategy(
    scheme.REPLICASETS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=workload.keep_spec,
    validate_create=workloads.replicaset,
    validate_update=workloads.replicaset_updated,
    validate_status=metadata.updated,
    warnings=deployment.warnings,
    columns=(
        Column("Desired", "integer"),
        Column("Current", "integer"),
        Column("Ready", "integer"),
        Column("Age"),
        *workload.SELECTED_COLUMNS,
    ),
    row=row,
    bumps_generation=workload.spec_changed,
    has_status=True,
    scale=ScalePaths(),
)

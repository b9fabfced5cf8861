"""StatefulSet: pods with names, addresses and volumes of their own.

In: documents. Out: `STRATEGY`, `STRICT`.
Rules: fact sheet statefulset.md 2.1 to 2.3 (pkg/apis/apps, pkg/registry/apps/statefulset).
"""

import datetime
from dataclasses import replace
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.defaulting.volumes import default_claim
from moorage.apiserver.documents import items, keep, own, part
from moorage.apiserver.kinds.workload import CONTAINER_COLUMNS, container_cells, keep_spec, spec_changed
from moorage.apiserver.strategy import Column, ScalePaths, Strategy, nothing, status_settles_spec
from moorage.apiserver.validation import statefulset as rules
from moorage.apiserver.warnings import statefulset as warnings


def default(document: Document) -> None:
    """Fill the spec, its template and its claim templates."""
    spec = own(document, "spec")
    fill_empty(spec, {"podManagementPolicy": "OrderedReady"})
    strategy = own(spec, "updateStrategy")
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        own(strategy, "rollingUpdate")
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        fill(strategy["rollingUpdate"], {"partition": 0, "maxUnavailable": 1})
    retention = own(spec, "persistentVolumeClaimRetentionPolicy")
    fill_empty(retention, {"whenDeleted": "Retain", "whenScaled": "Retain"})
    fill(spec, {"replicas": 1, "revisionHistoryLimit": 10})
    default_template(own(spec, "template"))
    for claim in items(spec, "volumeClaimTemplates"):
        fill_empty(claim, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {}})
        default_claim(claim)


def prepare_create(document: Document) -> None:
    """Start without status."""
    document["status"] = {"replicas": 0, "availableReplicas": 0}


def prepare_update(new: Document, old: Document) -> None:
    """Only `/status` changes the status."""
    keep(new, old, "status")


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec, status = part(document, "spec"), part(document, "status")
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    return [meta.name(document), ready, cells.age(document, now), *container_cells(part(spec, "template"))]


STRATEGY = Strategy(
    scheme.STATEFULSETS,
    default=default,
    default_status=nothing,
    settled=status_settles_spec,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=keep_spec,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=rules.status_updated,
    warnings=warnings.of_set,
    columns=(Column("Ready"), Column("Age"), *CONTAINER_COLUMNS),
    row=row,
    bumps_generation=spec_changed,
    has_status=True,
    scale=ScalePaths(),
)
STRICT = replace(
    STRATEGY,
    validate_create=rules.created_strictly,
    validate_update=rules.updated_strictly,
    warnings=warnings.of_template,
)
"""Without what goes beyond Kubernetes."""

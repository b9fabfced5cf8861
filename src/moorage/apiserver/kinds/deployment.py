"""Deployment: pods without identity, replaced step by step.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/apps/v1 (defaults), pkg/registry/apps/deployment.
"""

import datetime
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.documents import keep, own, part
from moorage.apiserver.kinds import workload
from moorage.apiserver.strategy import Column, ScalePaths, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import workloads
from moorage.apiserver.warnings import podspec


def default(document: Document) -> None:
    """Fill the spec and its template."""
    spec = own(document, "spec")
    fill(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    strategy = own(spec, "strategy")
    fill_empty(strategy, {"type": "RollingUpdate"})
    if strategy["type"] == "RollingUpdate":
        fill(own(strategy, "rollingUpdate"), {"maxUnavailable": "25%", "maxSurge": "25%"})
    default_template(own(spec, "template"))


def prepare_create(document: Document) -> None:
    """Start without status."""
    document["status"] = {}


def prepare_status(new: Document, old: Document) -> None:
    """`/status` changes neither spec nor labels; annotations it may: the controller notes its revision there."""
    workload.keep_spec(new, old)
    keep(meta.own_metadata(new), meta.own_metadata(old), "labels")


def bumps_generation(new: Document, old: Document) -> bool:
    """Return whether spec or annotations changed."""
    return workload.spec_changed(new, old) or meta.annotations(new) != meta.annotations(old)


def warnings(new: Document, old: Document | None) -> list[str]:
    """Return upstream's warnings about its template."""
    before = part(old, "spec", "template") if old is not None else None
    return podspec.of_template("spec.template", part(new, "spec", "template"), before)


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec, status = part(document, "spec"), part(document, "status")
    return [
        meta.name(document),
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        cells.age(document, now),
        *workload.selected_cells(document),
    ]


STRATEGY = Strategy(
    scheme.DEPLOYMENTS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=prepare_status,
    validate_create=workloads.deployment,
    validate_update=workloads.deployment_updated,
    validate_status=metadata.updated,
    warnings=warnings,
    columns=(
        Column("Ready"),
        Column("Up-to-date"),
        Column("Available"),
        Column("Age"),
        *workload.SELECTED_COLUMNS,
    ),
    row=row,
    bumps_generation=bumps_generation,
    has_status=True,
    scale=ScalePaths(),
)

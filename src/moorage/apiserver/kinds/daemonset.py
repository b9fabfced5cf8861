"""DaemonSet: one pod on every node that fits.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/apps/v1 (defaults), pkg/registry/apps/daemonset.
"""

import datetime
from typing import Any

from moorage.api import labels, meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.documents import own, part
from moorage.apiserver.kinds import deployment, workload
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import workloads

_COUNTS = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady")
_OTHER_COUNTS = ("updatedNumberScheduled", "numberAvailable")
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def default(document: Document) -> None:
    """Fill the spec and its template."""
    spec = own(document, "spec")
    fill(spec, {"revisionHistoryLimit": 10})
    strategy = own(spec, "updateStrategy")
    fill_empty(strategy, {"type": "RollingUpdate"})
    if strategy["type"] == "RollingUpdate":
        fill(own(strategy, "rollingUpdate"), {"maxUnavailable": 1, "maxSurge": 0})
    default_template(own(spec, "template"))


def prepare_create(document: Document) -> None:
    """Start without status, with the first generation of the template."""
    document["status"] = dict.fromkeys((*_COUNTS, "numberMisscheduled"), 0)
    meta.set_annotation(document, _TEMPLATE_GENERATION, "1")


def prepare_update(new: Document, old: Document) -> None:
    """Keep the status; count the generations of the template."""
    workload.keep_status(new, old)
    count = int(meta.annotations(old).get(_TEMPLATE_GENERATION) or 0)
    changed = part(new, "spec", "template") != part(old, "spec", "template")
    meta.set_annotation(new, _TEMPLATE_GENERATION, str(count + changed))


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    status = part(document, "status")
    return [
        meta.name(document),
        *(status.get(key, 0) for key in (*_COUNTS, *_OTHER_COUNTS)),
        labels.format_labels(part(document, "spec", "template", "spec").get("nodeSelector")),
        cells.age(document, now),
        *workload.selected_cells(document),
    ]


STRATEGY = Strategy(
    scheme.DAEMONSETS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=workload.keep_spec,
    validate_create=workloads.daemonset,
    validate_update=workloads.daemonset_updated,
    validate_status=metadata.updated,
    warnings=deployment.warnings,
    columns=(
        *(Column(name, "integer") for name in ("Desired", "Current", "Ready", "Up-to-date", "Available")),
        Column("Node Selector"),
        Column("Age"),
        *workload.SELECTED_COLUMNS,
    ),
    row=row,
    bumps_generation=workload.spec_changed,
    has_status=True,
)

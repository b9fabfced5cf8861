"""CronJob: Jobs by the clock.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/batch/v1 (defaults), pkg/registry/batch/cronjob.
"""

import datetime
from typing import Any

from moorage.api import labels, meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.documents import items, own, part
from moorage.apiserver.kinds import workload
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import jobs as rules
from moorage.apiserver.validation import meta as metadata


def default(document: Document) -> None:
    """Fill the spec, and the pods of its Jobs; the Jobs themselves are filled when they are made."""
    spec = own(document, "spec")
    fill_empty(spec, {"concurrencyPolicy": "Allow"})
    fill(spec, {"suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1})
    job = own(spec, "jobTemplate")
    own(job, "metadata")
    default_template(own(own(job, "spec"), "template"))


def prepare_create(document: Document) -> None:
    """Start without status."""
    document["status"] = {}


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec, status = part(document, "spec"), part(document, "status")
    job = part(spec, "jobTemplate", "spec")
    last = status.get("lastScheduleTime")
    return [
        meta.name(document),
        spec.get("schedule", ""),
        spec.get("timeZone") or cells.NONE,
        str(bool(spec.get("suspend"))),
        len(items(status, "active")),
        cells.since(last, now) if last else cells.NONE,
        cells.age(document, now),
        *workload.container_cells(part(job, "template")),
        labels.format_document(job.get("selector")),
    ]


STRATEGY = Strategy(
    scheme.CRONJOBS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=workload.keep_spec,
    validate_create=rules.cron_created,
    validate_update=rules.cron_updated,
    validate_status=metadata.updated,
    columns=(
        Column("Schedule"),
        Column("Timezone"),
        Column("Suspend", "boolean"),
        Column("Active", "integer"),
        Column("Last Schedule"),
        Column("Age"),
        *workload.SELECTED_COLUMNS,
    ),
    row=row,
    bumps_generation=workload.spec_changed,
    has_status=True,
)

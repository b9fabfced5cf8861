"""Job: pods that run to their end.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/batch/v1 (defaults), pkg/registry/batch/job.
"""

import datetime
from typing import Any

from moorage.api import conditions, meta, scheme, times
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.pod import default_template
from moorage.apiserver.documents import items, own, part
from moorage.apiserver.kinds import deployment, workload
from moorage.apiserver.strategy import Column, Strategy
from moorage.apiserver.validation import jobs as rules
from moorage.apiserver.validation import meta as metadata

_OLD_UID, _OLD_NAME = "controller-uid", "job-name"
_NAME = "batch.kubernetes.io/job-name"
_STATES = (("Complete", "Complete"), ("Failed", "Failed"))
_LATER_STATES = ("Suspended", "FailureTarget", "SuccessCriteriaMet")


def default(document: Document) -> None:
    """Fill the spec and its template."""
    spec = own(document, "spec")
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    fill(spec, {"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False})
    default_template(own(spec, "template"))
    for rule in items(spec, "podFailurePolicy", "rules"):
        fill(rule, {"onExitCodes": None, "onPodConditions": None})
        for condition in rule["onPodConditions"] or ():
            fill_empty(condition, {"status": "True"})
        if rule["onExitCodes"]:
            rule["onExitCodes"].setdefault("containerName", None)


def prepare_create(document: Document) -> None:
    """Start without status; generate the selector, and label what it selects."""
    document["status"] = {}
    spec = own(document, "spec")
    if not spec.get("manualSelector"):
        _select(document, spec)
    template = meta.labels(part(spec, "template"))
    if template and not meta.labels(document):
        meta.own_metadata(document)["labels"] = dict(template)


def _select(document: Document, spec: Document) -> None:
    uid, name = meta.uid(document), meta.name(document)
    for key, value in ((_OLD_UID, uid), (_OLD_NAME, name), (rules.CONTROLLER_UID, uid), (_NAME, name)):
        meta.set_label(own(spec, "template"), key, value)
    own(own(spec, "selector"), "matchLabels")[rules.CONTROLLER_UID] = uid


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [
        meta.name(document),
        _state(document),
        _completions(part(document, "spec"), part(document, "status").get("succeeded", 0)),
        _duration(part(document, "status"), now),
        cells.age(document, now),
        *workload.selected_cells(document),
    ]


def _state(document: Document) -> str:
    for condition, word in _STATES:
        if conditions.is_true(document, condition):
            return word
    if meta.is_deleting(document):
        return "Terminating"
    return next((word for word in _LATER_STATES if conditions.is_true(document, word)), "Running")


def _completions(spec: Document, done: int) -> str:
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    parallel = spec.get("parallelism", 0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _duration(status: Document, now: datetime.datetime) -> str:
    if not status.get("startTime"):
        return ""
    end = times.parse_time(status["completionTime"]) if status.get("completionTime") else now
    return cells.since(status["startTime"], end)


STRATEGY = Strategy(
    scheme.JOBS,
    default=default,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=workload.keep_spec,
    validate_create=rules.created,
    validate_update=rules.updated,
    validate_status=metadata.updated,
    warnings=deployment.warnings,
    columns=(
        Column("Status"),
        Column("Completions"),
        Column("Duration"),
        Column("Age"),
        *workload.SELECTED_COLUMNS,
    ),
    row=row,
    bumps_generation=workload.spec_changed,
    has_status=True,
    default_propagation="Orphan",
)

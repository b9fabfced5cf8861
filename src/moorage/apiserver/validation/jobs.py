"""Validation of Jobs and CronJobs.

In: defaulted documents. Out: errors, in upstream's order. Rules: pkg/apis/batch/validation.
"""

from moorage.api import labels, meta, names
from moorage.api.refs import Document
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import podtemplate
from moorage.apiserver.validation.errors import invalid, not_supported, required
from moorage.apiserver.validation.selectors import label_selector
from moorage.apiserver.validation.values import immutable, not_negative, one_of

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
_NUMBERS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
_MODES = ("Indexed", "NonIndexed")
_CONCURRENCY = ("Allow", "Forbid", "Replace")
_RESTARTS = ("OnFailure", "Never")
_FIXED = ("completions", "selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex")
_CRON_NAME_LENGTH = 52
_CRON_FIELDS = 5


def created(document: Document) -> list[FieldError]:
    """Check a new Job: its selector is generated unless it says otherwise."""
    spec = part(document, "spec")
    found = metadata.created(document, names.dns_subdomain)
    found += _generated(document, spec)
    found += _spec("spec", spec)
    found += (
        label_selector("spec.selector", spec.get("selector")) if spec.get("selector") else [required("spec.selector")]
    )
    return found + _matches(spec)


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed Job."""
    found = [*metadata.updated(new, old), *_spec("spec", part(new, "spec"))]
    return found + immutable(new, old, [f"spec.{key}" for key in _FIXED if not _elastic(key, part(new, "spec"))])


def _elastic(key: str, spec: Document) -> bool:
    """Return whether completions may change: with parallelism, in indexed mode."""
    indexed = spec.get("completionMode") == "Indexed"
    return key == "completions" and indexed and spec.get("completions") == spec.get("parallelism")


def _generated(document: Document, spec: Document) -> list[FieldError]:
    if spec.get("manualSelector") or not spec.get("selector"):
        return []
    if spec["selector"] == {"matchLabels": {CONTROLLER_UID: meta.uid(document)}}:
        return []
    return [invalid("spec.selector", spec["selector"], "`selector` not auto-generated")]


def _matches(spec: Document) -> list[FieldError]:
    try:
        labels.from_document(spec.get("selector"))
    except labels.BadSelector:
        return []
    return podtemplate.template_matches(spec, "spec.template") or []


def _spec(path: str, spec: Document) -> list[FieldError]:
    found = []
    for key in _NUMBERS:
        found += not_negative(f"{path}.{key}", spec.get(key))
    if "completionMode" in spec:
        found += one_of(f"{path}.completionMode", spec["completionMode"], _MODES)
        if spec["completionMode"] == "Indexed" and spec.get("completions") is None:
            found.append(required(f"{path}.completions", "when completion mode is Indexed"))
    found += podtemplate.template(f"{path}.template", part(spec, "template"))
    return found + _restart(f"{path}.template.spec.restartPolicy", part(spec, "template", "spec"))


def _restart(path: str, pods: Document) -> list[FieldError]:
    policy = pods.get("restartPolicy", "")
    if policy in _RESTARTS:
        return []
    if policy in ("", "Always"):
        return [required(path, 'valid values: "OnFailure", "Never"')]
    return [not_supported(path, policy, _RESTARTS)]


def cron_created(document: Document) -> list[FieldError]:
    """Check a new CronJob; its Jobs' names must have room for a time."""
    found = metadata.created(document, names.dns_subdomain)
    found += _cron(part(document, "spec"))
    name = meta.name(document)
    if len(name) > _CRON_NAME_LENGTH:
        found.append(invalid("metadata.name", name, names.too_long(_CRON_NAME_LENGTH)))
    return found


def cron_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed CronJob."""
    return [*metadata.updated(new, old), *_cron(part(new, "spec"))]


def _cron(spec: Document) -> list[FieldError]:
    found = _schedule("spec.schedule", spec.get("schedule", ""))
    found += not_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    policy = spec.get("concurrencyPolicy", "")
    found += one_of("spec.concurrencyPolicy", policy, _CONCURRENCY) if policy else [required("spec.concurrencyPolicy")]
    inner = part(spec, "jobTemplate", "spec")
    found += _spec("spec.jobTemplate.spec", inner)
    if inner.get("manualSelector"):
        found.append(not_supported("spec.jobTemplate.spec.manualSelector", inner["manualSelector"], ("nil", "false")))
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        found += not_negative(f"spec.{key}", spec.get(key))
    return found


def _schedule(path: str, text: str) -> list[FieldError]:
    """Check that a schedule is one of cron's words or has cron's number of fields."""
    if not text:
        return [required(path)]
    steps = text.split()
    if text.startswith("@") or len(steps) == _CRON_FIELDS:
        return []
    detail = f"expected exactly {_CRON_FIELDS} fields, found {len(steps)}: [{' '.join(steps)}]"
    return [invalid(path, text, detail)]

"""PodDisruptionBudget: how many pods an eviction may take away.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/policy/validation.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import part
from moorage.apiserver.kinds import workload
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import invalid
from moorage.apiserver.validation.numbers import at_most_hundred_percent, positive_or_percent
from moorage.apiserver.validation.selectors import label_selector
from moorage.apiserver.validation.values import not_negative, one_of

_COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_UNUSED = "N/A"


def prepare_create(document: Document) -> None:
    """Start with nothing counted."""
    document["status"] = dict.fromkeys(_COUNTS, 0)


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata and spec."""
    return [*metadata.created(document, names.dns_subdomain), *_spec(part(document, "spec"))]


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Check metadata and spec."""
    return [*metadata.updated(new, old), *_spec(part(new, "spec"))]


def validate_status(new: Document, old: Document) -> list[FieldError]:
    """Check metadata and counts."""
    status = part(new, "status")
    counts = [error for key in _COUNTS for error in not_negative(f"status.{key}", status.get(key, 0))]
    return [*metadata.updated(new, old), *counts]


def _spec(spec: Document) -> list[FieldError]:
    found = []
    if "minAvailable" in spec and "maxUnavailable" in spec:
        found.append(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    for key in ("minAvailable", "maxUnavailable"):
        if key in spec:
            found += positive_or_percent(f"spec.{key}", spec[key])
            found += at_most_hundred_percent(f"spec.{key}", spec[key])
    found += label_selector("spec.selector", spec.get("selector"))
    if "unhealthyPodEvictionPolicy" in spec:
        found += one_of("spec.unhealthyPodEvictionPolicy", spec["unhealthyPodEvictionPolicy"], _POLICIES)
    return found


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    spec = part(document, "spec")
    return [
        meta.name(document),
        *(str(spec.get(key, _UNUSED)) for key in ("minAvailable", "maxUnavailable")),
        part(document, "status").get("disruptionsAllowed", 0),
        cells.age(document, now),
    ]


STRATEGY = Strategy(
    scheme.PODDISRUPTIONBUDGETS,
    prepare_create=prepare_create,
    prepare_update=workload.keep_status,
    prepare_status=workload.keep_spec,
    validate_create=validate_create,
    validate_update=validate_update,
    validate_status=validate_status,
    columns=(
        Column("Min Available"),
        Column("Max Unavailable"),
        Column("Allowed Disruptions", "integer"),
        Column("Age"),
    ),
    row=row,
    bumps_generation=workload.spec_changed,
    has_status=True,
    unconditional_update=False,
)

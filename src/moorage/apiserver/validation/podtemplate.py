"""Validation of pod templates inside workloads.

In: a template, its selector and path. Out: errors. Rules: pkg/apis/core/validation, pkg/apis/apps/validation.
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import labels
from moorage.api.refs import Document
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden, go_map, invalid, not_supported, required
from moorage.apiserver.validation.podspec import pod_spec
from moorage.apiserver.validation.selectors import label_selector

_MISMATCH = "`selector` does not match template `labels`"


def selector(path: str, given: Document | None, kind: str) -> list[FieldError]:
    """Check a workload's selector: there must be one, and it may not be empty.

    Args:
        path: of the selector.
        given: the selector.
        kind: what the workload is called in the sentence, e.g. `statefulset`.
    """
    if given is None:
        return [required(path)]
    found = label_selector(path, given)
    if not given.get("matchLabels") and not given.get("matchExpressions"):
        found.append(invalid(path, given, f"empty selector is invalid for {kind}"))
    return found


def template_matches(spec: Mapping[str, Any], path: str) -> list[FieldError] | None:
    """Check that the selector of a workload's spec selects its template.

    Returns:
        The errors; None if the selector cannot be read at all.
    """
    try:
        wanted = labels.from_document(spec.get("selector"))
    except labels.BadSelector:
        return None
    given = part(spec, "template", "metadata").get("labels")
    if wanted.empty or wanted.matches(given):
        return []
    return [invalid(f"{path}.metadata.labels", go_map(given), _MISMATCH)]


def template(path: str, given: Document) -> list[FieldError]:
    """Check labels, annotations and pod spec of a template."""
    found = template_metadata(path, given)
    found += pod_spec(f"{path}.spec", part(given, "spec"))
    if items(given, "spec", "ephemeralContainers"):
        found.append(forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template"))
    return found


def template_metadata(path: str, given: Document) -> list[FieldError]:
    """Check labels and annotations of a template; upstream reports them without `metadata`."""
    metadata_of = part(given, "metadata")
    found = metadata.labels(f"{path}.labels", metadata_of.get("labels"))
    return found + metadata.annotations(f"{path}.annotations", metadata_of.get("annotations"))


def always_restarts(path: str, spec: Document) -> list[FieldError]:
    """Check that the pods of a workload are always restarted."""
    policy = spec.get("restartPolicy", "")
    return [] if policy == "Always" else [not_supported(f"{path}.restartPolicy", policy, ("Always",))]


def no_deadline(path: str, spec: Document, kind: str) -> list[FieldError]:
    """Check that the pods of a workload have no deadline."""
    if spec.get("activeDeadlineSeconds") is None:
        return []
    return [forbidden(f"{path}.activeDeadlineSeconds", f"activeDeadlineSeconds in {kind} is not Supported")]

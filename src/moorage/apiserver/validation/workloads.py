"""Validation of Deployments, ReplicaSets and DaemonSets.

In: defaulted documents. Out: errors, in upstream's order. Rules: pkg/apis/apps/validation.
"""

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import podtemplate, rollout
from moorage.apiserver.validation.errors import invalid
from moorage.apiserver.validation.selectors import label_selector
from moorage.apiserver.validation.values import immutable, not_negative

_TEMPLATE = "spec.template"


def deployment(document: Document) -> list[FieldError]:
    """Check a new Deployment."""
    return [*metadata.created(document, names.dns_subdomain), *_deployment_spec(part(document, "spec"))]


def deployment_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed Deployment."""
    return [*metadata.updated(new, old), *_deployment_spec(part(new, "spec")), *immutable(new, old, ("spec.selector",))]


def replicaset(document: Document) -> list[FieldError]:
    """Check a new ReplicaSet."""
    return [*metadata.created(document, names.dns_subdomain), *_replicaset_spec(part(document, "spec"))]


def replicaset_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed ReplicaSet."""
    return [*metadata.updated(new, old), *_replicaset_spec(part(new, "spec")), *immutable(new, old, ("spec.selector",))]


def daemonset(document: Document) -> list[FieldError]:
    """Check a new DaemonSet."""
    return [*metadata.created(document, names.dns_subdomain), *_daemonset_spec(part(document, "spec"))]


def daemonset_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed DaemonSet."""
    return [*metadata.updated(new, old), *_daemonset_spec(part(new, "spec")), *immutable(new, old, ("spec.selector",))]


def _deployment_spec(spec: Document) -> list[FieldError]:
    found = not_negative("spec.replicas", spec.get("replicas", 0))
    found += _selected_template(spec)
    found += rollout.deployment("spec.strategy", part(spec, "strategy"))
    ready = spec.get("minReadySeconds", 0)
    found += not_negative("spec.minReadySeconds", ready)
    found += not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    found += not_negative("spec.progressDeadlineSeconds", deadline)
    if deadline is not None and deadline <= ready:
        found.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return found


def _replicaset_spec(spec: Document) -> list[FieldError]:
    found = not_negative("spec.replicas", spec.get("replicas", 0))
    found += not_negative("spec.minReadySeconds", spec.get("minReadySeconds", 0))
    return found + _selected_template(spec)


def _selected_template(spec: Document) -> list[FieldError]:
    """Check selector and template of pods that a ReplicaSet makes; upstream says `deployment` for both kinds."""
    found = podtemplate.selector("spec.selector", spec.get("selector"), "deployment")
    mismatch = podtemplate.template_matches(spec, _TEMPLATE)
    if mismatch is None:
        return [*found, invalid("spec.selector", spec.get("selector"), "invalid label selector")]
    pods = part(spec, "template", "spec")
    found += mismatch + podtemplate.template(_TEMPLATE, part(spec, "template"))
    found += podtemplate.always_restarts(f"{_TEMPLATE}.spec", pods)
    return found + podtemplate.no_deadline(f"{_TEMPLATE}.spec", pods, "ReplicaSet")


def _daemonset_spec(spec: Document) -> list[FieldError]:
    chosen = spec.get("selector")
    found = label_selector("spec.selector", chosen)
    found += podtemplate.template_matches(spec, _TEMPLATE) or []
    if chosen is not None and not chosen.get("matchLabels") and not chosen.get("matchExpressions"):
        found.append(invalid("spec.selector", chosen, "empty selector is invalid for daemonset"))
    pods = part(spec, "template", "spec")
    found += podtemplate.template(_TEMPLATE, part(spec, "template"))
    found += podtemplate.always_restarts(f"{_TEMPLATE}.spec", pods)
    found += podtemplate.no_deadline(f"{_TEMPLATE}.spec", pods, "DaemonSet")
    found += not_negative("spec.minReadySeconds", spec.get("minReadySeconds", 0))
    found += rollout.daemonset("spec.updateStrategy", part(spec, "updateStrategy"))
    return found + not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))

"""Validation of StatefulSets.

In: defaulted documents. Out: errors, in upstream's order. Rules: fact sheet statefulset.md 2.3.
"""

from collections.abc import Sequence

from moorage.api import extensions, names
from moorage.api.refs import Document
from moorage.apiserver.documents import part, without
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import claimtemplates, podtemplate
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden, go_int_or_string, invalid, required
from moorage.apiserver.validation.numbers import at_most_hundred_percent, is_zero, positive_or_percent
from moorage.apiserver.validation.values import not_negative, one_of

_POLICIES = ("OrderedReady", "Parallel")
_RETENTION = ("Delete", "Retain")
_UNROLLED = ("OnDelete", "Recreate")
_UNROLLED_STRICTLY = ("OnDelete",)
"""Strategies without a rollingUpdate. Recreate (KEP-3541) is behind a gate upstream: no manifest asks for it unawares."""
_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_LISTED = ", ".join(f"'{name}'" for name in _MUTABLE[:-1]) + f" and '{_MUTABLE[-1]}'"
_FIXED = f"updates to statefulset spec for fields other than {_LISTED} are forbidden"
_COUNTS = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")


def created(document: Document) -> list[FieldError]:
    """Check a new set; its name is a DNS label."""
    return [*metadata.created(document, names.dns_label), *_spec(part(document, "spec"), _UNROLLED)]


def created_strictly(document: Document) -> list[FieldError]:
    """Check a new set as Kubernetes does."""
    return [*metadata.created(document, names.dns_label), *_spec(part(document, "spec"), _UNROLLED_STRICTLY)]


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed set; claim templates may change, too, where the set lets its claims follow them."""
    if not extensions.updates_claims(new):
        return _updated(new, old, _UNROLLED)
    templates = part(old, "spec").get("volumeClaimTemplates")
    same = {**part(new, "spec"), "volumeClaimTemplates": templates}
    if templates is None:
        same.pop("volumeClaimTemplates")
    found = _updated({**new, "spec": same}, old, _UNROLLED)
    return found + claimtemplates.changed(part(new, "spec"), part(old, "spec"))


def updated_strictly(new: Document, old: Document) -> list[FieldError]:
    """Check a changed set as Kubernetes does."""
    return _updated(new, old, _UNROLLED_STRICTLY)


def _updated(new: Document, old: Document, unrolled: Sequence[str]) -> list[FieldError]:
    """Only some of a set's spec may change. The name is not checked again."""
    found = [*metadata.updated(new, old), *_spec(part(new, "spec"), unrolled)]
    if without(part(new, "spec"), *_MUTABLE) != without(part(old, "spec"), *_MUTABLE):
        found.append(forbidden("spec", _FIXED))
    return found


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed status."""
    status = part(new, "status")
    found = metadata.updated(new, old)
    for key in (*_COUNTS, "observedGeneration", "collisionCount"):
        found += not_negative(f"status.{key}", status.get(key, 0))
    for key in _COUNTS[1:]:
        if status.get(key, 0) > status.get("replicas", 0):
            found.append(invalid(f"status.{key}", status.get(key, 0), "cannot be greater than status.replicas"))
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        text = "cannot be greater than status.readyReplicas"
        found.append(invalid("status.availableReplicas", status["availableReplicas"], text))
    if status.get("collisionCount", 0) < part(old, "status").get("collisionCount", 0):
        found.append(invalid("status.collisionCount", status.get("collisionCount", 0), "cannot be decremented"))
    return found


def _spec(spec: Document, unrolled: Sequence[str]) -> list[FieldError]:
    found = [
        *_policies(spec, unrolled),
        *_numbers(spec),
        *podtemplate.selector("spec.selector", spec.get("selector"), "statefulset"),
    ]
    mismatch = podtemplate.template_matches(spec, "spec.template")
    if mismatch is None:
        found.append(invalid("spec.selector", spec.get("selector"), ""))
    else:
        found += mismatch + podtemplate.template_metadata("spec.template", part(spec, "template"))
    pods = part(spec, "template", "spec")
    found += podtemplate.always_restarts("spec.template.spec", pods)
    return found + podtemplate.no_deadline("spec.template.spec", pods, "StatefulSet")


def _policies(spec: Document, unrolled: Sequence[str]) -> list[FieldError]:
    found = []
    policy = spec.get("podManagementPolicy", "")
    if not policy:
        found.append(required("spec.podManagementPolicy"))
    elif policy not in _POLICIES:
        found.append(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    found += _update_strategy("spec.updateStrategy", part(spec, "updateStrategy"), unrolled)
    retention = part(spec, "persistentVolumeClaimRetentionPolicy")
    for key in ("whenDeleted", "whenScaled"):
        if key in retention:
            found += one_of(f"spec.persistentVolumeClaimRetentionPolicy.{key}", retention[key], _RETENTION)
    return found


def _update_strategy(path: str, strategy: Document, unrolled: Sequence[str]) -> list[FieldError]:
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if not kind:
        return [required(path)]
    if kind == "RollingUpdate":
        return _rolling(f"{path}.rollingUpdate", rolling or {})
    if kind not in unrolled:
        return [invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
    if rolling is None:
        return []
    return [invalid(f"{path}.rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'")]


def _rolling(path: str, rolling: Document) -> list[FieldError]:
    found = not_negative(f"{path}.partition", rolling.get("partition", 0))
    most = rolling.get("maxUnavailable")
    if most is None:
        return found
    found += positive_or_percent(f"{path}.maxUnavailable", most)
    if is_zero(most):
        found.append(invalid(f"{path}.maxUnavailable", go_int_or_string(most), "cannot be 0"))
    return found + at_most_hundred_percent(f"{path}.maxUnavailable", most)


def _numbers(spec: Document) -> list[FieldError]:
    return [
        *not_negative("spec.replicas", spec.get("replicas", 0)),
        *not_negative("spec.minReadySeconds", spec.get("minReadySeconds", 0)),
        *not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit", 0)),
        *not_negative("spec.ordinals.start", part(spec, "ordinals").get("start", 0)),
    ]

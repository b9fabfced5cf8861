"""Validation of PersistentVolumeClaims.

In: defaulted documents. Out: errors. Rules: pkg/apis/core/validation (ValidatePersistentVolumeClaim and siblings).
"""

from moorage.api import meta, names, quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import items, keep, part, without
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden, invalid, invalid_each, not_supported, required
from moorage.apiserver.validation.resources import resource_name
from moorage.apiserver.validation.selectors import label_selector
from moorage.apiserver.validation.values import IMMUTABLE, named, one_of

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
POSITIVE = "must be greater than zero"
_ALONE = "ReadWriteOncePod"
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_FIXED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def created(document: Document) -> list[FieldError]:
    """Check a new claim."""
    return [*metadata.created(document, names.dns_subdomain), *claim_spec("spec", part(document, "spec"))]


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed claim: its volume is set once; of a bound one only the requested storage changes."""
    found = [*created(new), *metadata.updated(new, old), *_same_annotation(new, old)]
    after, before = _comparable(new, old), part(old, "spec")
    if part(new, "status").get("phase") == "Bound":
        after = _with_storage(after, before)
    if after != before:
        found.append(forbidden("spec", _FIXED))
    found += _shrunk(new, old)
    mode = part(new, "spec").get("volumeMode")
    return found + ([invalid("volumeMode", mode, IMMUTABLE)] if mode != before.get("volumeMode") else [])


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed status."""
    found = metadata.updated(new, old)
    if not items(new, "spec", "accessModes"):
        found.append(required("Spec.accessModes"))
    return found + amounts("status.capacity", part(new, "status", "capacity"))


def claim_spec(path: str, spec: Document) -> list[FieldError]:
    """Check the spec of a claim or of a claim template."""
    modes = items(spec, "accessModes")
    found = [] if modes else [required(f"{path}.accessModes", "at least 1 access mode is required")]
    found += label_selector(f"{path}.selector", spec.get("selector"))
    found += access_modes(f"{path}.accessModes", modes)
    requests = part(spec, "resources", "requests")
    if "storage" not in requests:
        found.append(required(f"{path}.resources[storage]"))
    else:
        found += resource_name(f"{path}.resources[storage]", "storage")
        found += positive_amount(f"{path}.resources[storage]", requests["storage"])
    if spec.get("storageClassName"):
        found += named(f"{path}.storageClassName", spec["storageClassName"], names.dns_subdomain)
    if "volumeMode" in spec:
        found += one_of(f"{path}.volumeMode", spec["volumeMode"], VOLUME_MODES)
    return found + _sources(path, spec)


def access_modes(path: str, modes: list[str]) -> list[FieldError]:
    """Check access modes: known ones, and ReadWriteOncePod alone."""
    found = [not_supported(path, mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES]
    if _ALONE in modes and any(mode != _ALONE for mode in modes):
        found.append(forbidden(path, f"may not use {_ALONE} with other access modes"))
    return found


def positive_amount(path: str, text: str) -> list[FieldError]:
    """Require an amount above zero."""
    return [invalid(path, text, POSITIVE)] if quantity.parse(text).nanos <= 0 else []


def amounts(path: str, given: Document) -> list[FieldError]:
    """Require amounts not below zero."""
    text = "must be greater than or equal to 0"
    return [invalid(f"{path}[{key}]", one, text) for key, one in given.items() if quantity.parse(one).nanos < 0]


def _sources(path: str, spec: Document) -> list[FieldError]:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    found = []
    for key, given in (("dataSource", source), ("dataSourceRef", reference)):
        if given is not None:
            found += _reference(f"{path}.{key}", given)
    if source and reference and without(reference, "namespace") != source:
        found.append(invalid(path, source, "must match dataSourceRef"))
    return found


def _reference(path: str, given: Document) -> list[FieldError]:
    found = [required(f"{path}.{key}") for key in ("name", "kind") if not given.get(key)]
    group = given.get("apiGroup") or ""
    if group:
        return found + invalid_each(f"{path}.apiGroup", group, names.dns_subdomain(group))
    if given.get("kind") != "PersistentVolumeClaim":
        text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        found.append(invalid(path, given.get("kind", ""), text))
    return found


def _comparable(new: Document, old: Document) -> Document:
    """Return the new spec with what may change set back: the volume once, the class of a claim that has none."""
    after, before = dict(part(new, "spec")), part(old, "spec")
    if not before.get("volumeName"):
        keep(after, before, "volumeName")
    annotated = meta.annotations(old).get(CLASS_ANNOTATION)
    if before.get("storageClassName") is None and annotated in (None, after.get("storageClassName")):
        keep(after, before, "storageClassName")
    keep(after, before, "volumeAttributesClassName")
    return after


def _with_storage(after: Document, before: Document) -> Document:
    """Return a spec with the requested storage of another."""
    wanted = part(before, "resources", "requests").get("storage")
    requests = {**part(after, "resources", "requests"), "storage": wanted}
    return {**after, "resources": {**part(after, "resources"), "requests": requests}}


def _shrunk(new: Document, old: Document) -> list[FieldError]:
    """Let a request shrink only towards the capacity that a failed growth started from."""
    after, before = (_requested(one) for one in (new, old))
    if after is None or before is None or after >= before:
        return []
    if after > quantity.parse(part(old, "status", "capacity").get("storage", "0")):
        return []
    return [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]


def _requested(document: Document) -> quantity.Quantity | None:
    text = part(document, "spec", "resources", "requests").get("storage")
    return quantity.parse(text) if text is not None else None


def _same_annotation(new: Document, old: Document) -> list[FieldError]:
    """The class in the annotation stays, or moves to the spec."""
    after, before = (meta.annotations(one).get(CLASS_ANNOTATION) for one in (new, old))
    moved = part(old, "spec").get("storageClassName") is None and part(new, "spec").get("storageClassName") == before
    if after == before or (before is not None and after is None and moved):
        return []
    return [invalid(f"metadata.annotations.{CLASS_ANNOTATION}", after or "", IMMUTABLE)]

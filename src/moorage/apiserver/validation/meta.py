"""Validation of metadata, on create and on update.

In: documents and the rule for their names. Out: errors. Rules: k8s.io/apimachinery/pkg/api/validation (ObjectMeta),
k8s.io/kubernetes/pkg/apis/core/validation (finalizers).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moorage.api import meta, names, times
from moorage.api.refs import Document, split_api_version
from moorage.apiserver.documents import indexed
from moorage.apiserver.strategy import FieldError, GoText
from moorage.apiserver.validation.errors import forbidden, go_strings, invalid, invalid_each, required, too_long
from moorage.apiserver.validation.values import IMMUTABLE, Rule, not_negative

Validator = Callable[[Document], list[FieldError]]
UpdateValidator = Callable[[Document, Document], list[FieldError]]

_ANNOTATION_BYTES = 256 * 1024
_OWN_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})
_OWNER_FIELDS = (("version", "apiVersion"), ("kind", "kind"), ("name", "name"), ("uid", "uid"))
_FIXED = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def created(document: Document, rule: Rule, *, namespaced: bool = True) -> list[FieldError]:
    """Check the metadata of a new object.

    Args:
        document: the object; the API server has filled in its namespace.
        rule: for its name and generateName.
        namespaced: whether its kind lives in namespaces.
    """
    found = []
    prefix = meta.generate_name(document)
    if prefix:
        found += invalid_each("metadata.generateName", prefix, rule(_masked(prefix)))
    name = meta.name(document)
    if name:
        found += invalid_each("metadata.name", name, rule(name))
    else:
        found.append(required("metadata.name", "name or generateName is required"))
    namespace = meta.namespace(document)
    if namespaced and not namespace:
        found.append(required("metadata.namespace"))
    if not namespaced and namespace:
        found.append(forbidden("metadata.namespace", "not allowed on this type"))
    return found + loose(document.get("metadata") or {}, "metadata")


def loose(metadata: Mapping[str, Any], path: str) -> list[FieldError]:
    """Check metadata but for name and namespace."""
    found = _generic(metadata, path)
    return found + _standard_finalizers(f"{path}.finalizers", metadata.get("finalizers") or [])


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check the metadata of a changed object. A missing resourceVersion is the registry's business."""
    return [*_generic_update(new, old), *_standard_finalizers("metadata.finalizers", meta.finalizers(new))]


def common(new: Document, old: Document) -> list[FieldError]:
    """Check what every update is checked for before its kind's own rules, which then say some of it again, as upstream does.

    Source: k8s.io/apiserver/pkg/registry/rest (validateCommonFields).
    """
    return [*_generic(meta.metadata(new), "metadata"), *_generic_update(new, old)]


def _generic(metadata: Mapping[str, Any], path: str) -> list[FieldError]:
    """Check what all servers built on the same library check."""
    return [
        *not_negative(f"{path}.generation", metadata.get("generation")),
        *labels(f"{path}.labels", metadata.get("labels")),
        *annotations(f"{path}.annotations", metadata.get("annotations")),
        *_owners(f"{path}.ownerReferences", metadata.get("ownerReferences") or []),
        *_finalizers(f"{path}.finalizers", metadata.get("finalizers") or []),
    ]


def _generic_update(new: Document, old: Document) -> list[FieldError]:
    """Check what changed: what is stored was checked when it came."""
    found = []
    if meta.is_deleting(old):
        found += _no_new_finalizers(meta.finalizers(new), meta.finalizers(old))
    if meta.generation(new) < meta.generation(old):
        found.append(invalid("metadata.generation", meta.generation(new), "must not be decremented"))
    after, before = meta.metadata(new), meta.metadata(old)
    for key in _FIXED:
        if after.get(key) != before.get(key):
            found.append(invalid(f"metadata.{key}", _shown(key, after.get(key)), IMMUTABLE))
    for key, check in _CHECKED:
        if after.get(key) != before.get(key):
            found += check(f"metadata.{key}", after.get(key))
    return found


def _shown(key: str, value: Any) -> Any:
    """Return a value as errors show it: Go prints times its own way."""
    if value is None or not key.endswith("Timestamp"):
        return value
    return GoText(f"{times.parse_time(value):%Y-%m-%d %H:%M:%S} +0000 UTC")


def labels(path: str, given: Mapping[str, str] | None) -> list[FieldError]:
    """Check a map of labels; Go's random order of keys is made alphabetical."""
    found = []
    for key, value in sorted((given or {}).items()):
        found += invalid_each(path, key, names.qualified_name(key))
        found += invalid_each(path, value, names.label_value(value))
    return found


def annotations(path: str, given: Mapping[str, str] | None) -> list[FieldError]:
    """Check a map of annotations: keys, and the size of all together."""
    values = given or {}
    found = []
    for key in sorted(values):
        found += invalid_each(path, key, names.qualified_name(key.lower()))
    if sum(len(key.encode()) + len(value.encode()) for key, value in values.items()) > _ANNOTATION_BYTES:
        found.append(too_long(path, _ANNOTATION_BYTES))
    return found


def _masked(prefix: str) -> str:
    """Return a generateName with the dash at its end replaced, which the random part will follow."""
    return f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def _owners(path: str, references: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    found = []
    controller = ""
    for reference in references:
        found += _owner(path, reference)
        if reference.get("controller"):
            shown = f"{reference.get('kind', '')}/{reference.get('name', '')}"
            if controller:
                text = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {shown}'
                )
                found.append(invalid(path, list(references), text))
            controller = controller or shown
    return found


def _owner(path: str, reference: Mapping[str, Any]) -> list[FieldError]:
    found = [
        invalid(f"{path}.{key}", reference.get(key, ""), f"{word} must not be empty")
        for word, key in _OWNER_FIELDS
        if not reference.get(key)
    ]
    group, version = split_api_version(reference.get("apiVersion") or "")
    if (group, version, reference.get("kind")) == ("", "v1", "Event"):
        found.append(invalid(path, dict(reference), "/v1, Kind=Event is disallowed from being an owner"))
    return found


def _finalizers(path: str, given: Sequence[str]) -> list[FieldError]:
    found = [error for one in given for error in invalid_each(path, one, names.qualified_name(one))]
    if {"orphan", "foregroundDeletion"} <= set(given):
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        found.append(invalid(path, go_strings(given), text))
    return found


def _standard_finalizers(path: str, given: Sequence[str]) -> list[FieldError]:
    text = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(where, one, text)
        for where, one in indexed(path, list(given))
        if "/" not in one and one not in _OWN_FINALIZERS
    ]


def _no_new_finalizers(new: Sequence[str], old: Sequence[str]) -> list[FieldError]:
    extra = sorted(set(new) - set(old))
    if not extra:
        return []
    text = f"no new finalizers can be added if the object is being deleted, found new finalizers {go_strings(extra)}"
    return [forbidden("metadata.finalizers", text)]


_CHECKED: tuple[tuple[str, Callable[[str, Any], list[FieldError]]], ...] = (
    ("labels", labels),
    ("annotations", annotations),
    ("ownerReferences", lambda path, given: _owners(path, given or [])),
)

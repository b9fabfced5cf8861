"""Validation of changed claim templates of a StatefulSet that lets its claims follow them (docs/statefulset.md).

In: the specs before and after. Out: errors that say how to do it instead. Kubernetes refuses every change; what needs a look at
the claims themselves (growth, shrinking) is judged by `admission.claimtemplates`.
"""

from collections.abc import Iterator

from moorage.api import meta, names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part, without
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.claims import CLASS_ANNOTATION, claim_spec
from moorage.apiserver.validation.errors import duplicate, forbidden
from moorage.apiserver.validation.values import named

PATH = "spec.volumeClaimTemplates"
_ANEW = "add a claim template of another name instead, and move the data"
_NO_REMOVAL = (
    "claim template {name} cannot be removed or renamed while the set exists: to go on without it, "
    "delete the set with --cascade=orphan and create it anew; its claims stay"
)
_NOT_MOUNTED = (
    "no container mounts {name}: add a volumeMount of that name to the pod template in the same change, "
    "so that the pods are replaced in order"
)
_SHADOWED = "the pod template has a volume {name}, too: remove that one in the same change"


def changed(new: Document, old: Document) -> list[FieldError]:
    """Check changed claim templates, matched by name: what is added, and what of the others may not change.

    Args:
        new, old: specs of the set.
    """
    before = {meta.name(one): one for one in items(old, "volumeClaimTemplates")}
    found: list[FieldError] = []
    seen: set[str] = set()
    for path, template in indexed(PATH, items(new, "volumeClaimTemplates")):
        name = meta.name(template)
        if name in seen:
            found.append(duplicate(f"{path}.metadata.name", name))
        elif name in before:
            found += _changed(path, template, before[name])
        else:
            found += _added(path, template, part(new, "template", "spec"))
        seen.add(name)
    gone = [name for name in before if name not in seen]
    return found + [forbidden(PATH, _NO_REMOVAL.format(name=name)) for name in gone]


def _changed(path: str, new: Document, old: Document) -> list[FieldError]:
    found = _metadata(path, new)
    after, before = part(new, "spec"), part(old, "spec")
    if (after.get("storageClassName"), _class_mark(new)) != (before.get("storageClassName"), _class_mark(old)):
        text = f"claims keep their StorageClass: {_ANEW}"
        found.append(forbidden(f"{path}.spec.storageClassName", text))
    kept = [key for key in sorted({*after, *before}) if key not in ("storageClassName", "resources")]
    found += [
        forbidden(f"{path}.spec.{key}", f"claims keep what they were made with: {_ANEW}")
        for key in kept
        if after.get(key) != before.get(key)
    ]
    if _fixed_resources(after) != _fixed_resources(before):
        found.append(forbidden(f"{path}.spec.resources", "of a claim only requests.storage can change"))
    return found


def _added(path: str, template: Document, pods: Document) -> list[FieldError]:
    name = meta.name(template)
    found = [*named(f"{path}.metadata.name", name, names.dns_label), *_metadata(path, template)]
    found += claim_spec(f"{path}.spec", part(template, "spec"))
    if name not in _mounted(pods):
        found.append(forbidden(path, _NOT_MOUNTED.format(name=name)))
    if name in {one.get("name") for one in items(pods, "volumes")}:
        found.append(forbidden(path, _SHADOWED.format(name=name)))
    return found


def _metadata(path: str, template: Document) -> list[FieldError]:
    """Check what claims take over, so that no claim can refuse it later."""
    return [
        *metadata.labels(f"{path}.metadata.labels", meta.labels(template)),
        *metadata.annotations(f"{path}.metadata.annotations", meta.annotations(template)),
    ]


def _mounted(pods: Document) -> Iterator[str]:
    containers = [*items(pods, "initContainers"), *items(pods, "containers")]
    return (
        one.get("name", "")
        for key in ("volumeMounts", "volumeDevices")
        for each in containers
        for one in items(each, key)
    )


def _class_mark(template: Document) -> str:
    return str(meta.annotations(template).get(CLASS_ANNOTATION, ""))


def _fixed_resources(spec: Document) -> Document:
    """Return `resources` without the requested storage."""
    resources = part(spec, "resources")
    rest = {**resources, "requests": without(part(resources, "requests"), "storage")}
    return {key: value for key, value in rest.items() if value}

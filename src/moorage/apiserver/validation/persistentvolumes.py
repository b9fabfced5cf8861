"""Validation of PersistentVolumes.

In: defaulted documents. Out: errors. Rules: pkg/apis/core/validation (ValidatePersistentVolume and siblings).
"""

from moorage.api import meta, names
from moorage.api.refs import Document
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import FieldError, GoText
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import paths
from moorage.apiserver.validation.claims import VOLUME_MODES, access_modes, positive_amount
from moorage.apiserver.validation.errors import forbidden, invalid, not_supported, required
from moorage.apiserver.validation.resources import resource_name
from moorage.apiserver.validation.selectors import node_selector
from moorage.apiserver.validation.values import IMMUTABLE, named, one_of
from moorage.apiserver.validation.volumesources import SOURCES

_RECLAIM = ("Delete", "Recycle", "Retain")
_OWN_SOURCES = frozenset({"local"})
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_NOT_HERE = frozenset({"emptyDir", "gitRepo", "secret", "configMap", "downwardAPI", "projected", "ephemeral", "image"})


def created(document: Document) -> list[FieldError]:
    """Check a new volume."""
    spec = part(document, "spec")
    found = metadata.created(document, names.dns_subdomain, namespaced=False)
    if not items(spec, "accessModes"):
        found.append(required("spec.accessModes"))
    found += access_modes("spec.accessModes", items(spec, "accessModes"))
    found += _capacity(spec)
    reclaim = spec.get("persistentVolumeReclaimPolicy", "")
    if reclaim:
        found += one_of("spec.persistentVolumeReclaimPolicy", reclaim, _RECLAIM)
    if "nodeAffinity" in spec:
        found += _affinity("spec.nodeAffinity", spec["nodeAffinity"])
    found += _source(spec)
    found += _root(spec)
    return found + _names(document, spec)


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed volume: its source stays, its affinity is set once."""
    found = created(new) + metadata.updated(new, old)
    after, before = part(new, "spec"), part(old, "spec")
    if _sources_of(after) != _sources_of(before):
        found.append(
            forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation")
        )
    if after.get("volumeMode") != before.get("volumeMode"):
        found.append(invalid("volumeMode", after.get("volumeMode"), IMMUTABLE))
    if "nodeAffinity" in before and after.get("nodeAffinity") != before["nodeAffinity"]:
        text = "field is immutable, except for updating from beta label to GA"
        found.append(invalid("nodeAffinity", after.get("nodeAffinity"), text))
    return found


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed status."""
    return metadata.updated(new, old)


def _capacity(spec: Document) -> list[FieldError]:
    capacity = spec.get("capacity")
    found = [] if capacity else [required("spec.capacity")]
    if not capacity or set(capacity) != {"storage"}:
        shown = capacity or GoText("core.ResourceList(nil)")
        found.append(not_supported("spec.capacity", shown, ("storage",)))
    for name, text in (capacity or {}).items():
        found += resource_name(f"spec.capacity[{name}]", name)
        found += positive_amount(f"spec.capacity[{name}]", text)
    return found


def _affinity(path: str, affinity: Document) -> list[FieldError]:
    wanted = affinity.get("required")
    if wanted is None:
        return [required(f"{path}.required", "must specify required node constraints")]
    return node_selector(f"{path}.required", wanted)


def _source(spec: Document) -> list[FieldError]:
    """Check that there is one source, that it is a good one, and one that a volume can have."""
    found: list[FieldError] = []
    present = list(_sources_of(spec))
    if not present:
        return [required("spec", "must specify a volume type")]
    for index, name in enumerate(present):
        if index:
            found.append(forbidden(f"spec.{name}", "may not specify more than 1 volume type"))
        elif name == "local":
            found += _local(spec)
        else:
            found += SOURCES[name](f"spec.{name}", spec[name])
            found += _handle(spec) if name == "csi" else []
    return found


def _sources_of(spec: Document) -> Document:
    """Return the sources of a volume, in upstream's order."""
    order = [name for name in (*SOURCES, *_OWN_SOURCES) if name not in _NOT_HERE]
    return {name: spec[name] for name in order if name in spec}


def _local(spec: Document) -> list[FieldError]:
    where = part(spec, "local").get("path", "")
    found = paths.no_backsteps("spec.local.path", where) if where else [required("spec.local.path")]
    if "nodeAffinity" not in spec:
        found.append(required("metadata.annotations", "Local volume requires node affinity"))
    return found


def _handle(spec: Document) -> list[FieldError]:
    return [] if part(spec, "csi").get("volumeHandle") else [required("spec.csi.volumeHandle")]


def _root(spec: Document) -> list[FieldError]:
    """Refuse to recycle the root of a host."""
    recycled = spec.get("persistentVolumeReclaimPolicy") == "Recycle"
    if not recycled or part(spec, "hostPath").get("path", "").rstrip("/") or "hostPath" not in spec:
        return []
    text = "may not be 'recycle' for a hostPath mount of '/'"
    return [forbidden("spec.persistentVolumeReclaimPolicy", text)]


def _names(document: Document, spec: Document) -> list[FieldError]:
    found = []
    if spec.get("storageClassName"):
        found += named("spec.storageClassName", spec["storageClassName"], names.dns_subdomain)
    annotated = meta.annotations(document).get(_CLASS_ANNOTATION)
    if annotated and not spec.get("storageClassName"):
        found += named(f"metadata.annotations[{_CLASS_ANNOTATION}]", annotated, names.dns_subdomain)
    if "volumeMode" in spec:
        found += one_of("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)
    return found

"""Defaults of volumes, of pods and of persistent ones, and of claims.

In: volumes and claim specs, changed in place. Out: nothing. `defaulting.pod` and the kinds of storage call these.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from moorage.api.refs import Document
from moorage.apiserver.defaulting.fill import fill, fill_empty
from moorage.apiserver.defaulting.resources import default_amounts
from moorage.apiserver.documents import items, part

_FILE_MODE = 0o644
_TOKEN_SECONDS = 3600

_SOURCES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "hostPath": {"type": ""},
        "secret": {"defaultMode": _FILE_MODE},
        "configMap": {"defaultMode": _FILE_MODE},
        "downwardAPI": {"defaultMode": _FILE_MODE},
        "projected": {"defaultMode": _FILE_MODE},
        "iscsi": {"iscsiInterface": "default"},
        "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
        "azureDisk": {"cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False},
        "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
    }
)


def default_source(volume: Document) -> None:
    """Fill the source of a pod volume or of a PersistentVolume's spec."""
    for name, defaults in _SOURCES.items():
        if name in volume:
            fill(volume[name], defaults)


def default_volume(volume: Document) -> None:
    """Fill one volume of a pod; a volume without source is an emptyDir."""
    if not volume.keys() - {"name"}:
        volume["emptyDir"] = {}
    default_source(volume)
    for name, more in _DEEPER.items():
        if name in volume:
            more(volume[name])


def default_field_reference(item: Document) -> None:
    """Fill the API version of a downward API field."""
    if "fieldRef" in item:
        fill_empty(item["fieldRef"], {"apiVersion": "v1"})


def _downward(source: Document) -> None:
    for item in items(source, "items"):
        default_field_reference(item)


def _projected(source: Document) -> None:
    for projection in items(source, "sources"):
        _downward(part(projection, "downwardAPI"))
        if "serviceAccountToken" in projection:
            fill(projection["serviceAccountToken"], {"expirationSeconds": _TOKEN_SECONDS})


def _ephemeral(source: Document) -> None:
    if "volumeClaimTemplate" in source:
        default_claim_spec(source["volumeClaimTemplate"].setdefault("spec", {}))


_DEEPER: Mapping[str, Callable[[Document], None]] = MappingProxyType(
    {"downwardAPI": _downward, "projected": _projected, "ephemeral": _ephemeral}
)


def default_claim_spec(spec: Document) -> None:
    """Fill the spec of a PersistentVolumeClaim."""
    fill(spec, {"volumeMode": "Filesystem"})
    default_amounts(part(spec, "resources", "limits"))
    default_amounts(part(spec, "resources", "requests"))


def default_claim(claim: Document) -> None:
    """Fill a PersistentVolumeClaim or a claim template; even a template gets a phase."""
    default_claim_spec(claim.setdefault("spec", {}))
    fill_empty(claim.setdefault("status", {}), {"phase": "Pending"})
    default_amounts(part(claim, "status", "capacity"))

"""Volumes of a pod or pod template, and the source of a PersistentVolume.

In: volume documents. Out: lines. One row a volume type in `_TYPES`; a type without a row is shown by its name.
"""

from collections.abc import Callable, Sequence
from typing import Any

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import NONE, UNSET, Sheet, shown

Fields = list[tuple[str, Any]]


def write(sheet: Sheet, volumes: Sequence[Document], *, templated: bool) -> None:
    """Add the volumes; those of a template are indented."""
    if not volumes:
        sheet.field("  " * templated + "Volumes", NONE)
        return
    sheet.line("  " * templated + "Volumes:")
    for volume in volumes:
        sheet.line(f"{'   ' if templated else '  '}{volume['name']}:")
        source(sheet, volume)


def source(sheet: Sheet, holder: Document) -> None:
    """Add type and fields of the volume source that `holder` has."""
    for key, (text, fields) in _TYPES.items():
        if holder.get(key) is not None:
            sheet.field("Type", text, 2)
            sheet.fields(fields(holder[key]), 2)
            _items(sheet, key, holder[key])
            return
    known = next((key for key, value in holder.items() if isinstance(value, dict)), "")
    sheet.field("Type", known or "<unknown>", 2)


def _items(sheet: Sheet, key: str, volume: Document) -> None:
    if key != "downwardAPI":
        return
    sheet.line("Items:", 2)
    for item in volume.get("items") or ():
        origin = (item.get("fieldRef") or {}).get("fieldPath") or (item.get("resourceFieldRef") or {}).get("resource")
        sheet.line(f"{origin} -> {item['path']}", 3)


def _empty(volume: Document) -> Fields:
    return [("Medium", volume.get("medium", "")), ("SizeLimit", volume.get("sizeLimit") or UNSET)]


def _claim(volume: Document) -> Fields:
    return [("ClaimName", volume.get("claimName", "")), ("ReadOnly", bool(volume.get("readOnly")))]


def _config(volume: Document) -> Fields:
    return [("Name", volume.get("name", "")), ("Optional", bool(volume.get("optional")))]


def _secret(volume: Document) -> Fields:
    return [("SecretName", volume.get("secretName", "")), ("Optional", bool(volume.get("optional")))]


def _host(volume: Document) -> Fields:
    return [("Path", volume.get("path", "")), ("HostPathType", volume.get("type") or "")]


def _nfs(volume: Document) -> Fields:
    return [
        ("Server", volume.get("server", "")),
        ("Path", volume.get("path", "")),
        ("ReadOnly", bool(volume.get("readOnly"))),
    ]


def _local(volume: Document) -> Fields:
    return [("Path", volume.get("path", ""))]


def _ephemeral(volume: Document) -> Fields:
    spec = (volume.get("volumeClaimTemplate") or {}).get("spec") or {}
    return [("StorageClass", spec.get("storageClassName", "")), ("Volume", spec.get("volumeName", ""))]


def _csi(volume: Document) -> Fields:
    return [
        ("Driver", volume.get("driver", "")),
        ("FSType", volume.get("fsType", "")),
        ("VolumeHandle", volume.get("volumeHandle", "")),
        ("ReadOnly", bool(volume.get("readOnly"))),
    ]


def _projected(volume: Document) -> Fields:
    fields: Fields = []
    for part in volume.get("sources") or ():
        if part.get("secret"):
            fields += [("SecretName", part["secret"].get("name", "")), ("SecretOptionalName", _pointer(part["secret"]))]
        elif part.get("downwardAPI"):
            fields.append(("DownwardAPI", True))
        elif part.get("configMap"):
            one = part["configMap"]
            fields += [("ConfigMapName", one.get("name", "")), ("ConfigMapOptional", _pointer(one))]
        elif part.get("serviceAccountToken"):
            seconds = part["serviceAccountToken"].get("expirationSeconds", 0)
            fields.append(("TokenExpirationSeconds", seconds))
    return fields


def _pointer(part: Document) -> str:
    """Return `optional` as kubectl prints an unset pointer there."""
    return "<nil>" if part.get("optional") is None else shown(part["optional"])


_TYPES: dict[str, tuple[str, Callable[[Document], Fields]]] = {
    "hostPath": ("HostPath (bare host directory volume)", _host),
    "emptyDir": ("EmptyDir (a temporary directory that shares a pod's lifetime)", _empty),
    "secret": ("Secret (a volume populated by a Secret)", _secret),
    "configMap": ("ConfigMap (a volume populated by a ConfigMap)", _config),
    "nfs": ("NFS (an NFS mount that lasts the lifetime of a pod)", _nfs),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)", _claim,
    ),
    "ephemeral": ("EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
                  _ephemeral),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", lambda volume: []),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", _projected),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", _local),
    "csi": ("CSI (a Container Storage Interface (CSI) volume source)", _csi),
}  # fmt: skip

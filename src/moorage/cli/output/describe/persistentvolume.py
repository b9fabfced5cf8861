"""A PersistentVolume in detail.

In: PersistentVolume document. Out: lines. Layout: kubectl 1.32 describe pv.
"""

from collections.abc import Sequence

from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.cli.output.describe import volumes
from moorage.cli.output.describe.sheet import NONE, Around, Sheet

_CLASS = "volume.beta.kubernetes.io/storage-class"


def write(sheet: Sheet, volume: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = volume["metadata"], volume.get("spec") or {}, volume.get("status") or {}
    annotations = metadata.get("annotations") or {}
    deleting, claim = metadata.get("deletionTimestamp"), spec.get("claimRef")
    sheet.head(volume, namespaced=False)
    sheet.field("Finalizers", metadata.get("finalizers") or [])
    sheet.field("StorageClass", annotations.get(_CLASS) or spec.get("storageClassName", ""))
    sheet.field("Status", f"Terminating (lasts {around.since(deleting)})" if deleting else status.get("phase", ""))
    sheet.field("Claim", f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "")
    sheet.field("Reclaim Policy", spec.get("persistentVolumeReclaimPolicy", ""))
    sheet.field("Access Modes", cells.access_modes(spec.get("accessModes") or ()))
    if spec.get("volumeMode"):
        sheet.field("VolumeMode", spec["volumeMode"])
    sheet.field("Capacity", (spec.get("capacity") or {}).get("storage", "0"))
    _affinity(sheet, spec.get("nodeAffinity"))
    sheet.field("Message", status.get("message", ""))
    sheet.line("Source:")
    volumes.source(
        sheet, {key: value for key, value in spec.items() if key not in ("claimRef", "nodeAffinity", "capacity")}
    )


def _affinity(sheet: Sheet, affinity: Document | None) -> None:
    if not affinity:
        sheet.field("Node Affinity", NONE)
        return
    sheet.field("Node Affinity", "")
    required = affinity.get("required")
    if not required:
        sheet.field("Required Terms", NONE, 1)
        return
    sheet.field("Required Terms", "", 1)
    for index, term in enumerate(required.get("nodeSelectorTerms") or ()):
        sheet.several(f"Term {index}", show_terms(term.get("matchExpressions") or ()), 2)


def show_terms(expressions: Sequence[Document]) -> list[str]:
    """Return requirements as `key in [a, b]`."""
    return [
        f"{one['key']} {str(one.get('operator', 'In')).lower()} [{', '.join(one.get('values') or ())}]"
        if one.get("values")
        else f"{one['key']} {str(one.get('operator', 'In')).lower()}"
        for one in expressions
    ]

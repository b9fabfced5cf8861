"""A PersistentVolumeClaim in detail.

In: claim document, the pods of its namespace as `around.related`. Out: lines. Layout: kubectl 1.32 describe pvc.
"""

from collections.abc import Sequence

from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.cli.output.describe.sheet import Around, Sheet

_CLASS = "volume.beta.kubernetes.io/storage-class"


def write(sheet: Sheet, claim: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = claim["metadata"], claim.get("spec") or {}, claim.get("status") or {}
    annotations = metadata.get("annotations") or {}
    deleting = metadata.get("deletionTimestamp")
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    sheet.field("StorageClass", annotations.get(_CLASS) or spec.get("storageClassName", ""))
    sheet.field("Status", f"Terminating (lasts {around.since(deleting)})" if deleting else status.get("phase", ""))
    sheet.field("Volume", spec.get("volumeName", ""))
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(annotations)
    sheet.field("Finalizers", metadata.get("finalizers") or [])
    bound = bool(spec.get("volumeName"))
    sheet.field("Capacity", (status.get("capacity") or {}).get("storage", "0") if bound else "")
    sheet.field("Access Modes", cells.access_modes(status.get("accessModes") or ()) if bound else "")
    if spec.get("volumeMode"):
        sheet.field("VolumeMode", spec["volumeMode"])
    if spec.get("dataSource"):
        _origin(sheet, spec["dataSource"])
    sheet.several("Used By", _users(around.related, metadata["name"]))
    _conditions(sheet, status.get("conditions") or (), around)


def _origin(sheet: Sheet, source: Document) -> None:
    sheet.line("DataSource:")
    if source.get("apiGroup"):
        sheet.field("APIGroup", source["apiGroup"], 1)
    sheet.fields((("Kind", source.get("kind", "")), ("Name", source.get("name", ""))), 1)


def _users(pods: Sequence[Document], claim: str) -> list[str]:
    """Return the names of the pods that mount the claim."""
    return [
        pod["metadata"]["name"]
        for pod in pods
        if any(
            (volume.get("persistentVolumeClaim") or {}).get("claimName") == claim
            for volume in (pod.get("spec") or {}).get("volumes") or ()
        )
    ]


def _conditions(sheet: Sheet, conditions: Sequence[Document], around: Around) -> None:
    if not conditions:
        return
    sheet.line("Conditions:\n  Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage")
    sheet.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for one in conditions:
        times = (around.moment(one.get("lastProbeTime")), around.moment(one.get("lastTransitionTime")))
        texts = (one["type"], one.get("status", ""), *times, one.get("reason", ""), one.get("message", ""))
        sheet.line("{} \t{} \t{} \t{} \t{} \t{}".format(*texts), 1)

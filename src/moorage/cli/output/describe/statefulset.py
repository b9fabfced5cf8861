"""A StatefulSet in detail.

In: StatefulSet document, its pods as `around.related`. Out: lines. Layout: kubectl 1.32 describe statefulset.
"""

from collections import Counter
from collections.abc import Sequence

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe import template
from moorage.cli.output.describe.sheet import NONE, Around, Sheet


def write(sheet: Sheet, workload: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = workload["metadata"], workload["spec"], workload.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    sheet.field("CreationTimestamp", around.moment(metadata.get("creationTimestamp")))
    sheet.field("Selector", str(labels.from_document(spec.get("selector"))))
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(metadata.get("annotations"))
    sheet.field("Replicas", f"{spec.get('replicas', 1)} desired | {status.get('replicas', 0)} total")
    strategy = spec.get("updateStrategy") or {}
    sheet.field("Update Strategy", strategy.get("type", ""))
    rolling = strategy.get("rollingUpdate")
    if rolling:
        _rolling(sheet, rolling)
    sheet.field("Pods Status", pods_status(around.related, metadata.get("uid", "")))
    template.write(sheet, spec.get("template") or {})
    _claims(sheet, spec.get("volumeClaimTemplates") or ())


def _rolling(sheet: Sheet, rolling: Document) -> None:
    if rolling.get("partition") is not None:
        sheet.field("Partition", rolling["partition"], 1)
        if rolling.get("maxUnavailable") is not None:
            sheet.field("MaxUnavailable", rolling["maxUnavailable"], 1)


def pods_status(pods: Sequence[Document], owner: str) -> str:
    """Return how many pods of a controller are in which phase."""
    own = [pod for pod in pods if any(_controls(one, owner) for one in pod["metadata"].get("ownerReferences") or ())]
    count = Counter((pod.get("status") or {}).get("phase", "") for pod in own)
    return (
        f"{count['Running']} Running / {count['Pending']} Waiting / "
        f"{count['Succeeded']} Succeeded / {count['Failed']} Failed"
    )


def _controls(reference: Document, uid: str) -> bool:
    return bool(reference.get("controller")) and reference.get("uid") == uid


def _claims(sheet: Sheet, claims: Sequence[Document]) -> None:
    if not claims:
        sheet.field("Volume Claims", NONE)
        return
    sheet.line("Volume Claims:")
    for claim in claims:
        metadata, spec = claim["metadata"], claim.get("spec") or {}
        sheet.field("Name", metadata["name"], 1)
        sheet.field("StorageClass", spec.get("storageClassName", ""), 1)
        sheet.labels("Labels", metadata.get("labels"), 1)
        sheet.labels("Annotations", metadata.get("annotations"), 1)
        requests = (spec.get("resources") or {}).get("requests") or {}
        sheet.field("Capacity", requests.get("storage", "<default>"), 1)
        sheet.field("Access Modes", spec.get("accessModes") or [], 1)

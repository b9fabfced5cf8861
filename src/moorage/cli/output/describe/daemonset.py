"""A DaemonSet in detail.

In: DaemonSet document, its pods as `around.related`. Out: lines. Layout: kubectl 1.32 describe daemonset.
"""

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe import template
from moorage.cli.output.describe.sheet import Around, Sheet
from moorage.cli.output.describe.statefulset import pods_status

_COUNTS = (
    ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
    ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
    ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
    ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
    ("Number of Nodes Misscheduled", "numberMisscheduled"),
)


def write(sheet: Sheet, workload: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = workload["metadata"], workload["spec"], workload.get("status") or {}
    pods = spec.get("template") or {}
    sheet.field("Name", metadata["name"])
    sheet.field("Selector", str(labels.from_document(spec.get("selector"))))
    sheet.field("Node-Selector", labels.format_labels((pods.get("spec") or {}).get("nodeSelector")))
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(metadata.get("annotations"))
    for text, name in _COUNTS:
        sheet.line(f"{text}: {status.get(name, 0)}")
    sheet.field("Pods Status", pods_status(around.related, metadata.get("uid", "")))
    template.write(sheet, pods)

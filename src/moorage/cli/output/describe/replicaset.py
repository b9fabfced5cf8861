"""A ReplicaSet in detail.

In: ReplicaSet document, its pods as `around.related`. Out: lines. Layout: kubectl 1.32 describe replicaset.
"""

from moorage.api import labels, owners
from moorage.api.refs import Document
from moorage.cli.output.describe import deployment, template
from moorage.cli.output.describe.sheet import Around, Sheet
from moorage.cli.output.describe.statefulset import pods_status


def write(sheet: Sheet, workload: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = workload["metadata"], workload["spec"], workload.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    sheet.field("Selector", labels.format_document(spec.get("selector")))
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(metadata.get("annotations"))
    controller = owners.controller_of(workload)
    if controller is not None:
        sheet.field("Controlled By", f"{controller['kind']}/{controller['name']}")
    sheet.field("Replicas", f"{status.get('replicas', 0)} current / {spec.get('replicas', 1)} desired")
    sheet.field("Pods Status", pods_status(around.related, metadata.get("uid", "")))
    template.write(sheet, spec.get("template") or {})
    deployment.reasons(sheet, status.get("conditions") or ())

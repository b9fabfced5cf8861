"""A pod template, and the scheduling fields that pods and templates share.

In: pod specs. Out: lines. Used by the printers of workloads and by `rollout history --revision`.
"""

from collections.abc import Sequence

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe import containers, volumes
from moorage.cli.output.describe.sheet import Sheet


def write(sheet: Sheet, template: Document) -> None:
    """Add a pod template."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    sheet.line("Pod Template:")
    sheet.labels("Labels", metadata.get("labels"), 1)
    if metadata.get("annotations"):
        sheet.annotations(metadata["annotations"], 1)
    if spec.get("serviceAccountName"):
        sheet.field("Service Account", spec["serviceAccountName"], 1)
    if spec.get("initContainers"):
        containers.write(sheet, "Init Containers", spec["initContainers"], template)
    containers.write(sheet, "Containers", spec.get("containers") or (), template)
    volumes.write(sheet, spec.get("volumes") or (), templated=True)
    _spread(sheet, spec, 1)
    if spec.get("priorityClassName"):
        sheet.field("Priority Class Name", spec["priorityClassName"], 1)
    _placement(sheet, spec, 1)


def scheduling(sheet: Sheet, spec: Document) -> None:
    """Add node selectors, tolerations and spread constraints of a pod."""
    _placement(sheet, spec, 0)
    _spread(sheet, spec, 0)


def _placement(sheet: Sheet, spec: Document, level: int) -> None:
    sheet.labels("Node-Selectors", spec.get("nodeSelector"), level)
    tolerations = sorted(spec.get("tolerations") or (), key=lambda one: str(one.get("key", "")))
    sheet.several("Tolerations", [_toleration(one) for one in tolerations], level)


def _toleration(one: Document) -> str:
    text = one.get("key", "")
    text += f"={one['value']}" if one.get("value") else ""
    text += f":{one['effect']}" if one.get("effect") else ""
    if one.get("operator") == "Exists" and not one.get("value"):
        text += " op=Exists" if text else "op=Exists"
    seconds = one.get("tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"


def _spread(sheet: Sheet, spec: Document, level: int) -> None:
    constraints: Sequence[Document] = spec.get("topologySpreadConstraints") or ()
    if not constraints:
        return
    ordered = sorted(constraints, key=lambda one: str(one.get("topologyKey", "")))
    sheet.several("Topology Spread Constraints", [_constraint(one) for one in ordered], level)


def _constraint(one: Document) -> str:
    text = f"{one.get('topologyKey', '')}:{one.get('whenUnsatisfiable', '')}"
    text += f" when max skew {one.get('maxSkew', 0)} is exceeded"
    selector = one.get("labelSelector")
    return f"{text} for selector {labels.format_document(selector)}" if selector else text

"""A pod in detail.

In: Pod document. Out: lines. Layout: kubectl 1.32 describe pod.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe import containers, template, volumes
from moorage.cli.output.describe.sheet import NONE, Around, Sheet


def write(sheet: Sheet, pod: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    _placement(sheet, pod, around)
    sheet.labels("Labels", metadata.get("labels"))
    sheet.annotations(metadata.get("annotations"))
    _state(sheet, pod, around)
    if spec.get("initContainers"):
        containers.write(sheet, "Init Containers", spec["initContainers"], pod, around)
    containers.write(sheet, "Containers", spec.get("containers") or (), pod, around)
    _conditions(sheet, spec, status)
    volumes.write(sheet, spec.get("volumes") or (), templated=False)
    sheet.field("QoS Class", status.get("qosClass", ""))
    template.scheduling(sheet, spec)


def _placement(sheet: Sheet, pod: Document, around: Around) -> None:
    metadata, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    if spec.get("priority") is not None:
        sheet.field("Priority", spec["priority"])
    given = (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    )
    sheet.fields((title, spec[key]) for title, key in given if spec.get(key))
    node = spec.get("nodeName")
    sheet.field("Node", f"{node}/{status.get('hostIP', '')}" if node else NONE)
    if status.get("startTime"):
        sheet.field("Start Time", around.moment(status["startTime"]))


def _state(sheet: Sheet, pod: Document, around: Around) -> None:
    metadata, status = pod["metadata"], pod.get("status") or {}
    if metadata.get("deletionTimestamp") and status.get("phase") not in ("Failed", "Succeeded"):
        sheet.field("Status", f"Terminating (lasts {around.since(metadata['deletionTimestamp'])})")
        sheet.field("Termination Grace Period", f"{metadata.get('deletionGracePeriodSeconds', 0)}s")
    else:
        sheet.field("Status", status.get("phase", ""))
    sheet.fields((title, status[title.lower()]) for title in ("Reason", "Message") if status.get(title.lower()))
    profile = ((pod.get("spec") or {}).get("securityContext") or {}).get("seccompProfile")
    if profile:
        sheet.field("SeccompProfile", profile.get("type", ""))
    sheet.field("IP", status.get("podIP", ""))
    addresses = status.get("podIPs") or ()
    if addresses:
        sheet.line("IPs:")
        sheet.fields((("IP", one.get("ip", "")) for one in addresses), 1)
    else:
        sheet.field("IPs", NONE)
    owner = next((one for one in metadata.get("ownerReferences") or () if one.get("controller")), None)
    if owner:
        sheet.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    if status.get("nominatedNodeName"):
        sheet.field("NominatedNodeName", status["nominatedNodeName"])


def _conditions(sheet: Sheet, spec: Document, status: Document) -> None:
    known = {one["type"]: one.get("status", "") for one in status.get("conditions") or ()}
    gates = [one["conditionType"] for one in spec.get("readinessGates") or ()]
    if gates:
        sheet.line("Readiness Gates:\n  Type\tStatus")
        for gate in gates:
            sheet.line(f"{gate} \t{known.get(gate, NONE)} ", 1)
    if known:
        sheet.line("Conditions:\n  Type\tStatus")
        for name, value in known.items():
            sheet.line(f"{name} \t{value} ", 1)

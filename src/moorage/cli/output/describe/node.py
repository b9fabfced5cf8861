"""A Node in detail.

In: Node document; its pods and its Lease as `around.related`. Out: lines. Layout: kubectl 1.32 describe node.
"""

from collections.abc import Sequence

from moorage.api.quantity import Quantity, parse, total
from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import NONE, UNSET, Around, Sheet

_ROLE = "node-role.kubernetes.io/"
_INFO = (
    ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"), ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"), ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"), ("Kube-Proxy Version", "kubeProxyVersion"),
)  # fmt: skip
_COUNTED = ("cpu", "memory", "ephemeral-storage")


def write(sheet: Sheet, node: Document, around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    marks = metadata.get("labels") or {}
    roles = sorted(key.removeprefix(_ROLE) for key in marks if key.startswith(_ROLE))
    sheet.field("Name", metadata["name"])
    sheet.field("Roles", ",".join(roles) or NONE)
    sheet.labels("Labels", marks)
    sheet.annotations(metadata.get("annotations"))
    sheet.field("CreationTimestamp", around.moment(metadata.get("creationTimestamp")))
    sheet.several("Taints", sorted(_taint(one) for one in spec.get("taints") or ()))
    sheet.field("Unschedulable", bool(spec.get("unschedulable")))
    _lease(sheet, [one for one in around.related if one["kind"] == "Lease"], around)
    _conditions(sheet, status.get("conditions") or (), around)
    sheet.line("Addresses:")
    sheet.fields(((one["type"], one["address"]) for one in status.get("addresses") or ()), 1)
    for name in ("Capacity", "Allocatable"):
        if status.get(name.lower()):
            sheet.line(f"{name}:")
            sheet.fields(sorted(status[name.lower()].items()), 1)
    sheet.line("System Info:")
    info = status.get("nodeInfo") or {}
    sheet.fields(((name, info.get(key, "")) for name, key in _INFO), 1)
    if spec.get("podCIDR"):
        sheet.field("PodCIDR", spec["podCIDR"])
    if spec.get("podCIDRs"):
        sheet.field("PodCIDRs", ",".join(spec["podCIDRs"]))
    if spec.get("providerID"):
        sheet.field("ProviderID", spec["providerID"])
    pods = [one for one in around.related if one["kind"] == "Pod"]
    _pods(sheet, pods, status.get("allocatable") or {}, around)


def _taint(one: Document) -> str:
    value = f"={one['value']}" if one.get("value") else ""
    return f"{one['key']}{value}:{one.get('effect', '')}"


def _lease(sheet: Sheet, leases: Sequence[Document], around: Around) -> None:
    sheet.line("Lease:")
    if not leases:
        sheet.line("Failed to get lease: not found", 1)
        return
    spec = leases[0].get("spec") or {}
    sheet.field("HolderIdentity", spec.get("holderIdentity") or UNSET, 1)
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        sheet.field(title, around.moment(spec[key]) if spec.get(key) else UNSET, 1)


def _conditions(sheet: Sheet, conditions: Sequence[Document], around: Around) -> None:
    if not conditions:
        return
    sheet.line("Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
    sheet.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for one in conditions:
        times = (around.moment(one.get("lastHeartbeatTime")), around.moment(one.get("lastTransitionTime")))
        texts = (one["type"], one.get("status", ""), *times, one.get("reason", ""), one.get("message", ""))
        sheet.line("{} \t{} \t{} \t{} \t{} \t{}".format(*texts), 1)


def _pods(sheet: Sheet, pods: Sequence[Document], allocatable: Document, around: Around) -> None:
    sheet.field("Non-terminated Pods", f"({len(pods)} in total)")
    sheet.line("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge", 1)
    sheet.line("---------\t----\t\t------------\t----------\t---------------\t-------------\t---", 1)
    for pod in pods:
        metadata = pod["metadata"]
        amounts = [
            _share(of_pod(pod, kind, name), allocatable, name)
            for name in ("cpu", "memory")
            for kind in ("requests", "limits")
        ]
        age = around.since(metadata.get("creationTimestamp"))
        sheet.line("\t".join([metadata["namespace"], metadata["name"], "", *amounts, age]), 1)
    sheet.line("Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)")
    sheet.line("Resource\tRequests\tLimits", 1)
    sheet.line("--------\t--------\t------", 1)
    for name in [*_COUNTED, *sorted(key for key in allocatable if key.startswith("hugepages-"))]:
        sums = [
            _share(total([of_pod(pod, kind, name) for pod in pods]), allocatable, name)
            for kind in ("requests", "limits")
        ]
        sheet.line("\t".join([name, *sums]), 1)


def of_pod(pod: Document, kind: str, name: str) -> Quantity:
    """Return what a pod requests or is limited to: its containers together, or its largest init container if that is more.

    Init containers that go on running (restartPolicy Always) count with the containers (KEP-753).
    """
    spec = pod.get("spec") or {}
    running, largest = Quantity(0), Quantity(0)
    for container in spec.get("initContainers") or ():
        amount = _amount(container, kind, name)
        if container.get("restartPolicy") == "Always":
            running = running + amount
            largest = max(largest, running)
        else:
            largest = max(largest, running + amount)
    running = total([running, *(_amount(container, kind, name) for container in spec.get("containers") or ())])
    return max(running, largest)


def _amount(container: Document, kind: str, name: str) -> Quantity:
    amounts = (container.get("resources") or {}).get(kind) or {}
    return parse(str(amounts.get(name, "0")))


def _share(amount: Quantity, allocatable: Document, name: str) -> str:
    whole = parse(str(allocatable.get(name, "0")))
    percent = amount.nanos * 100 // whole.nanos if whole.nanos else 0
    return f"{amount} ({percent}%)"

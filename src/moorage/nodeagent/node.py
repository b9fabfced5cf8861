"""The Node object and its Lease, as documents.

In: settings, the runtime's version, the agent's port, health. Out: documents and patches. Pure. Next room: `heartbeat`.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from moorage.api import conditions
from moorage.api.refs import Document
from moorage.api.times import format_micro_time, format_time
from moorage.nodeagent.settings import AgentSettings, Capacity

VERSION = "v1.32.0"
"""The kubelet version whose behaviour this agent has."""
LEASE_NAMESPACE = "kube-node-lease"
LEASE_FACTOR = 4
"""A lease lasts four times its renewal interval (kubelet's 40 s to 10 s)."""
_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a heartbeat says.

    Args:
        runtime_version: e.g. `containerd://1.6.20`.
        port: of the agent's server.
        problem: why the node is not ready, "" if it is.
        images: image names and sizes.
    """

    runtime_version: str
    port: int
    problem: str = ""
    images: tuple[tuple[tuple[str, ...], int], ...] = ()


def labels(settings: AgentSettings) -> dict[str, str]:
    """Return the labels the agent gives its Node."""
    machine = settings.machine
    own = {"hostname": settings.node_name, "os": machine.operating_system, "arch": machine.architecture}
    result = {f"kubernetes.io/{name}": value for name, value in own.items()}
    result |= {f"beta.kubernetes.io/{name}": own[name] for name in ("os", "arch")}
    return result | dict(settings.labels)


def document(settings: AgentSettings) -> Document:
    """Return the Node as it is registered, without status."""
    spec: Document = {}
    if settings.pod_cidr:
        spec = {"podCIDR": settings.pod_cidr, "podCIDRs": [settings.pod_cidr]}
    metadata = {"name": settings.node_name, "labels": labels(settings)}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec}


def status(
    settings: AgentSettings, report: Report, before: tuple[conditions.Condition, ...], now: datetime.datetime
) -> dict[str, Any]:
    """Return the Node's status; transition times go on from the conditions `before`."""
    amounts = _amounts(settings.capacity)
    return {
        "addresses": [
            {"type": "InternalIP", "address": settings.address},
            {"type": "Hostname", "address": settings.node_name},
        ],
        "capacity": amounts,
        "allocatable": amounts,
        "conditions": _conditions(report, before, now),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": report.port}},
        "images": [{"names": list(names), "sizeBytes": size} for names, size in report.images],
        "nodeInfo": _node_info(settings, report),
    }


def _amounts(capacity: Capacity) -> dict[str, str]:
    cpu = capacity.cpu_millis
    return {
        "cpu": str(cpu // 1000) if cpu % 1000 == 0 else f"{cpu}m",
        "memory": f"{capacity.memory_bytes // 1024}Ki",
        "ephemeral-storage": f"{capacity.storage_bytes // 1024}Ki",
        "pods": str(capacity.pods),
    }


def _conditions(
    report: Report, before: tuple[conditions.Condition, ...], now: datetime.datetime
) -> list[dict[str, Any]]:
    wanted = [(kind, "False", reason, message) for kind, reason, message in _PRESSURES]
    if report.problem:
        wanted.append(("Ready", "False", "KubeletNotReady", report.problem))
    else:
        wanted.append(("Ready", "True", "KubeletReady", "kubelet is posting ready status"))
    beat = format_time(now)
    result: list[dict[str, Any]] = []
    for kind, value, reason, message in wanted:
        old = conditions.find(before, kind)
        since = old.get("lastTransitionTime") if old is not None and old.get("status") == value else beat
        result.append(
            {
                "type": kind,
                "status": value,
                "reason": reason,
                "message": message,
                "lastHeartbeatTime": beat,
                "lastTransitionTime": since,
            }
        )
    return result


def _node_info(settings: AgentSettings, report: Report) -> dict[str, str]:
    machine = settings.machine
    return {
        "machineID": machine.machine_id,
        "systemUUID": machine.system_uuid,
        "bootID": machine.boot_id,
        "kernelVersion": machine.kernel,
        "osImage": machine.os_image,
        "containerRuntimeVersion": report.runtime_version,
        "kubeletVersion": VERSION,
        "kubeProxyVersion": VERSION,
        "operatingSystem": machine.operating_system,
        "architecture": machine.architecture,
    }


def lease(settings: AgentSettings, node_uid: str, now: datetime.datetime) -> Document:
    """Return the node's Lease as it is first made."""
    owner = {"apiVersion": "v1", "kind": "Node", "name": settings.node_name, "uid": node_uid}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": settings.node_name, "namespace": LEASE_NAMESPACE, "ownerReferences": [owner]},
        "spec": {
            "holderIdentity": settings.node_name,
            "leaseDurationSeconds": max(1, round(settings.lease_seconds * LEASE_FACTOR)),
            "renewTime": format_micro_time(now),
        },
    }


def renewal(settings: AgentSettings, now: datetime.datetime) -> Document:
    """Return the merge patch of a heartbeat."""
    spec = {"holderIdentity": settings.node_name, "renewTime": format_micro_time(now)}
    return {"spec": spec}

"""What a light kubelet says of its node: of a made-up one something large, of a copied one what its Node said. Pure.

In: a name, or a Node. Out: `AgentSettings`. Next room: `kubelet`.
"""

from pathlib import Path

from moorage.api import meta, quantity
from moorage.api.refs import Document
from moorage.nodeagent.settings import AgentSettings, Capacity, Machine

CAPACITY = Capacity(cpu_millis=8000, memory_bytes=32 << 30, storage_bytes=256 << 30)
_NO_DIRECTORY = Path("/nonexistent")


def made_up(node: str, index: int) -> AgentSettings:
    """Return the settings of the agent of a node that there was not.

    Args:
        node: its name.
        index: its number, for addresses.
    """
    return AgentSettings(node, _NO_DIRECTORY, f"192.168.0.{index + 1}", CAPACITY, pod_cidr=_network(index))


def copied(node: Document, index: int) -> AgentSettings:
    """Return the settings of the agent of a Node that exists: what pods may ask of it, its labels and addresses stay."""
    status = node.get("status") or {}
    info = status.get("nodeInfo") or {}
    machine = Machine(
        kernel=info.get("kernelVersion", ""),
        os_image=info.get("osImage", ""),
        operating_system=info.get("operatingSystem", "linux"),
        architecture=info.get("architecture", "amd64"),
    )
    addresses = {one["type"]: one["address"] for one in status.get("addresses") or ()}
    return AgentSettings(
        meta.name(node),
        _NO_DIRECTORY,
        addresses.get("InternalIP", ""),
        _capacity(status.get("allocatable") or {}),
        machine,
        pod_cidr=(node.get("spec") or {}).get("podCIDR") or _network(index),
        labels=tuple(meta.labels(node).items()),
    )


def _capacity(amounts: Document) -> Capacity:
    def amount(resource: str, unit: int) -> int:
        return int(quantity.as_fraction(quantity.parse(amounts.get(resource, "0"))) * unit)

    return Capacity(amount("cpu", 1000), amount("memory", 1), amount("ephemeral-storage", 1), amount("pods", 1))


def _network(index: int) -> str:
    return f"10.42.{index}.0/24"

"""Node, Namespace, Lease, ServiceAccount, ConfigMap, Secret, Event.

In: their documents. Out: views. Payloads of ConfigMap and Secret are left in the document.
"""

import datetime

from msgspec import field

from moorage.api.views.meta import Condition, Json, Meta, ObjectReference, Plain, View


class Taint(View, frozen=True):
    """One taint of a node."""

    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: datetime.datetime | None = None


class NodeSpec(View, frozen=True):
    """`spec`."""

    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = field(default="", name="podCIDR")
    provider_id: str = field(default="", name="providerID")


class NodeAddress(View, frozen=True):
    """One address. `type` is InternalIP, ExternalIP or Hostname."""

    type: str = ""
    address: str = ""


class NodeStatus(View, frozen=True):
    """`status`."""

    conditions: tuple[Condition, ...] = ()
    capacity: dict[str, str | int | float] = field(default_factory=dict)
    allocatable: dict[str, str | int | float] = field(default_factory=dict)
    addresses: tuple[NodeAddress, ...] = ()
    images: tuple[Json, ...] = ()
    daemon_endpoints: Json = field(default_factory=dict)
    node_info: Json = field(default_factory=dict)


class Node(View, frozen=True):
    """A Node."""

    metadata: Meta = field(default_factory=Meta)
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)

    def condition(self, kind: str) -> Condition | None:
        """Return the condition of type `kind`."""
        return next((entry for entry in self.status.conditions if entry.type == kind), None)


class NamespaceSpec(View, frozen=True):
    """`spec`; its finalizers are not those of the metadata."""

    finalizers: tuple[str, ...] = ()


class NamespaceStatus(View, frozen=True):
    """`status`."""

    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class Namespace(View, frozen=True):
    """A Namespace."""

    metadata: Meta = field(default_factory=Meta)
    spec: NamespaceSpec = field(default_factory=NamespaceSpec)
    status: NamespaceStatus = field(default_factory=NamespaceStatus)


class LeaseSpec(View, frozen=True):
    """`spec`."""

    holder_identity: str = ""
    lease_duration_seconds: int = 0
    lease_transitions: int = 0
    acquire_time: datetime.datetime | None = None
    renew_time: datetime.datetime | None = None


class Lease(View, frozen=True):
    """A Lease."""

    metadata: Meta = field(default_factory=Meta)
    spec: LeaseSpec = field(default_factory=LeaseSpec)


class Event(View, frozen=True):
    """An Event of core/v1."""

    metadata: Meta = field(default_factory=Meta)
    involved_object: ObjectReference = field(default_factory=ObjectReference)
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0


class ServiceAccount(Plain, frozen=True):
    """A ServiceAccount."""


class ConfigMap(Plain, frozen=True):
    """A ConfigMap; its data is in the document."""


class Secret(Plain, frozen=True):
    """A Secret; its data is in the document."""

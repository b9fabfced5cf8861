"""Service, EndpointSlice, Endpoints.

In: their documents. Out: views for the endpoint controllers, DNS and the proxy.
"""

from msgspec import field

from moorage.api.views.meta import Json, Meta, ObjectReference, View

SERVICE_LABEL = "kubernetes.io/service-name"
"""Label of an EndpointSlice: the Service it belongs to."""


class ServicePort(View, frozen=True):
    """One port of a Service. `target_port` is a number, a container port's name, or None (the port itself)."""

    name: str = ""
    protocol: str = "TCP"
    port: int = 0
    target_port: int | str | None = None
    node_port: int = 0
    app_protocol: str | None = None


class ServiceSpec(View, frozen=True):
    """`spec`. A selector of None (or empty) means that a person keeps the endpoints."""

    type: str = "ClusterIP"
    cluster_ip: str = field(default="", name="clusterIP")
    cluster_ips: tuple[str, ...] = field(default=(), name="clusterIPs")
    external_ips: tuple[str, ...] = field(default=(), name="externalIPs")
    external_name: str = ""
    selector: dict[str, str] = field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()
    publish_not_ready_addresses: bool = False
    ip_families: tuple[str, ...] = ()
    ip_family_policy: str = ""
    session_affinity: str = ""
    session_affinity_config: Json | None = None
    internal_traffic_policy: str = ""
    external_traffic_policy: str = ""


class Service(View, frozen=True):
    """A Service."""

    metadata: Meta = field(default_factory=Meta)
    spec: ServiceSpec = field(default_factory=ServiceSpec)

    @property
    def headless(self) -> bool:
        """Whether it has no cluster address, so that DNS answers with the pods themselves."""
        return self.spec.cluster_ip == "None"


class EndpointConditions(View, frozen=True):
    """Conditions of one endpoint; None counts as True for `ready` and `serving`, as False for `terminating`."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(View, frozen=True):
    """One endpoint of a slice."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = field(default_factory=EndpointConditions)
    hostname: str | None = None
    target_ref: ObjectReference | None = None
    node_name: str | None = None
    zone: str | None = None


class EndpointPort(View, frozen=True):
    """One port of a slice; None means that the field was left out."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    app_protocol: str | None = None


class EndpointSlice(View, frozen=True):
    """An EndpointSlice."""

    metadata: Meta = field(default_factory=Meta)
    address_type: str = "IPv4"
    endpoints: tuple[Endpoint, ...] | None = ()
    ports: tuple[EndpointPort, ...] | None = ()


class EndpointAddress(View, frozen=True):
    """One address of an Endpoints subset."""

    ip: str = ""
    hostname: str = ""
    node_name: str | None = None
    target_ref: ObjectReference | None = None


class EndpointSubset(View, frozen=True):
    """Addresses that share ports."""

    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(View, frozen=True):
    """An Endpoints object."""

    metadata: Meta = field(default_factory=Meta)
    subsets: tuple[EndpointSubset, ...] = ()

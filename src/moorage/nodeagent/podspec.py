"""A pod as the agent reads it: typed where it decides, documents where it passes through.

In: Pod documents (defaulted by the API server). Out: `Pod` with its spec as frozen structs.
Next rooms: `snapshot`, `decide`, `podstatus`, `configs`, `volumes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from moorage.api import meta
from moorage.api.refs import Document

Reference = dict[str, Any]
"""A part of the document that is looked into only where it is used."""


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    """Base of the structs below: camelCase on the wire."""


class Probe(_Part, frozen=True):
    """One probe; the counters and times have the API's defaults."""

    exec: Reference | None = None
    http_get: Reference | None = None
    tcp_socket: Reference | None = None
    grpc: Reference | None = None
    initial_delay_seconds: int = 0
    timeout_seconds: int = 1
    period_seconds: int = 10
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class Lifecycle(_Part, frozen=True):
    """Hooks of a container."""

    post_start: Reference | None = None
    pre_stop: Reference | None = None


class Resources(_Part, frozen=True):
    """Requests and limits as quantities in text."""

    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class VolumeMount(_Part, frozen=True):
    """Where a container sees a volume."""

    name: str
    mount_path: str
    read_only: bool = False
    sub_path: str = ""
    sub_path_expr: str = ""
    mount_propagation: str = "None"
    recursive_read_only: str = ""


class ContainerPort(_Part, frozen=True):
    """A port a container names."""

    container_port: int
    name: str = ""
    host_port: int = 0
    protocol: str = "TCP"
    host_ip: str = msgspec.field(default="", name="hostIP")


class Role(Enum):
    """What part a container plays in its pod."""

    INIT = "init"
    SIDECAR = "sidecar"
    MAIN = "main"


class Container(_Part, frozen=True):
    """One container of a pod spec."""

    name: str
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[Reference, ...] = ()
    env_from: tuple[Reference, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = Resources()
    volume_mounts: tuple[VolumeMount, ...] = ()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle = Lifecycle()
    image_pull_policy: str = "IfNotPresent"
    security_context: Reference = {}
    termination_message_path: str = "/dev/termination-log"
    termination_message_policy: str = "File"
    restart_policy: str = ""
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False


class PodSpec(_Part, frozen=True):
    """What of `spec` the agent decides on."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Reference, ...] = ()
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    dns_policy: str = "ClusterFirst"
    dns_config: Reference = {}
    node_name: str = ""
    node_selector: dict[str, str] = {}
    service_account_name: str = "default"
    automount_service_account_token: bool = True
    host_network: bool = False
    host_pid: bool = msgspec.field(default=False, name="hostPID")
    share_process_namespace: bool = False
    security_context: Reference = {}
    hostname: str = ""
    subdomain: str = ""
    set_hostname_as_fqdn: bool = msgspec.field(default=False, name="setHostnameAsFQDN")
    host_aliases: tuple[Reference, ...] = ()
    readiness_gates: tuple[dict[str, str], ...] = ()
    enable_service_links: bool = True
    overhead: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod: its identity, its spec, and the document it came from."""

    uid: str
    name: str
    namespace: str
    spec: PodSpec
    document: Document

    @property
    def full_name(self) -> str:
        """`name_namespace(uid)`, as the kubelet's messages name a pod."""
        return f"{self.name}_{self.namespace}({self.uid})"

    @property
    def status(self) -> Mapping[str, Any]:
        """The status the API had when the document was read."""
        found: Mapping[str, Any] = self.document.get("status") or {}
        return found

    @property
    def hostname(self) -> str:
        """The short name of the pod's host, at most 63 characters."""
        return (self.spec.hostname or self.name)[:63].rstrip("-.")

    def fqdn(self, domain: str) -> str:
        """Return the full host name with a subdomain, "" without one (facts: statefulset 6.3)."""
        if not self.spec.subdomain:
            return ""
        return f"{self.hostname}.{self.spec.subdomain}.{self.namespace}.svc.{domain}"

    @property
    def containers(self) -> tuple[Container, ...]:
        """Init containers, then the others."""
        return self.spec.init_containers + self.spec.containers

    def container(self, name: str) -> Container | None:
        """Return a container by its name."""
        return next((one for one in self.containers if one.name == name), None)

    def role(self, name: str) -> Role:
        """Return what part the container `name` plays."""
        for one in self.spec.init_containers:
            if one.name == name:
                return Role.SIDECAR if one.restart_policy == "Always" else Role.INIT
        return Role.MAIN

    def field_path(self, name: str) -> str:
        """Return the path by which events name a container."""
        part = "containers" if self.role(name) is Role.MAIN else "initContainers"
        return f"spec.{part}{{{name}}}"

    @property
    def grace_seconds(self) -> int:
        """The grace period of the deletion under way, else of the spec, seconds."""
        asked = meta.deletion_grace_seconds(self.document)
        return self.spec.termination_grace_period_seconds if asked is None else asked


def parse(document: Document) -> Pod:
    """Return the typed view of a Pod document.

    Raises:
        msgspec.ValidationError: the document is no pod the API server would have accepted.
    """
    spec = msgspec.convert(document.get("spec") or {}, PodSpec)
    return Pod(meta.uid(document), meta.name(document), meta.namespace(document), spec, document)


def remembered(pod: Pod) -> Document:
    """Return the least document from which a pod can be stopped in order by an agent that never saw it (an orphan)."""
    keep = ("name", "namespace", "uid", "labels", "annotations", "creationTimestamp")
    metadata = {key: value for key, value in meta.metadata(pod.document).items() if key in keep}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod.document.get("spec") or {}}

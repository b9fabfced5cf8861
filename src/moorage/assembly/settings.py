"""Everything a user can choose, checked once, frozen after.

In: command-line words. Out: `Settings`, or `UsageError` with what to do. The next doors are `controlplane` and `agent`.
"""

import ipaddress
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from moorage.base.errors import UsageError, UserError
from moorage.controllers.statefulset.rules import VERSIONS

RuntimeKind = Literal["containerd", "sim", "none"]
MAX_NODES = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """One cluster.

    Args:
        data_dir: everything the cluster keeps, and nothing of it elsewhere.
        port: TCP port of the API on 127.0.0.1; 0 picks a free one.
        runtime: `containerd` (real), `sim` (made up) or `none` (control plane alone).
        nodes: how many node agents to start; 0 with runtime `none`.
        mirror: registry URL that answers every image pull, "" for the registries that images name.
        pod_cidr: IPv4 network of pods; each node takes a /24 of it.
        service_cidr: IPv4 network of Services; `.1` is the API, `.10` is DNS.
        domain: DNS zone of the cluster.
        verbose: log debug records too.
        strict: Kubernetes to the letter: no annotation under `moorage.dev/` changes what a StatefulSet does.
        statefulset_rules: which version's rules StatefulSets follow where versions differ: `newest` or `1.28`.
    """

    data_dir: Path
    port: int = 6443
    runtime: RuntimeKind = "containerd"
    nodes: int = 1
    mirror: str = ""
    pod_cidr: str = "10.42.0.0/16"
    service_cidr: str = "10.43.0.0/16"
    domain: str = "cluster.local"
    verbose: bool = False
    statefulset_rules: str = "newest"
    strict: bool = False

    def __post_init__(self) -> None:
        if self.runtime not in get_args(RuntimeKind):
            raise UsageError(f"--runtime must be one of {', '.join(get_args(RuntimeKind))}, not {self.runtime!r}")
        if not 0 <= self.port <= 65535:
            raise UsageError(f"--port must be between 0 and 65535, not {self.port}")
        if not 0 <= self.nodes <= MAX_NODES:
            raise UsageError(f"--nodes must be between 0 and {MAX_NODES}, not {self.nodes}")
        if self.mirror and not self.mirror.startswith(("http://", "https://")):
            raise UsageError(f"--mirror must be a URL that starts with http:// or https://, not {self.mirror!r}")
        if self.statefulset_rules not in VERSIONS:
            words = ", ".join(VERSIONS)
            raise UsageError(f"--statefulset-rules must be one of {words}, not {self.statefulset_rules!r}")
        _network("--pod-cidr", self.pod_cidr)
        _network("--service-cidr", self.service_cidr)
        if self.pod_network.overlaps(self.service_network):
            raise UsageError(f"--pod-cidr {self.pod_cidr} overlaps --service-cidr {self.service_cidr}; choose others")

    @property
    def pod_network(self) -> ipaddress.IPv4Network:
        """Network of all pods."""
        return ipaddress.IPv4Network(self.pod_cidr)

    @property
    def service_network(self) -> ipaddress.IPv4Network:
        """Network of all Services."""
        return ipaddress.IPv4Network(self.service_cidr)

    @property
    def api_service_ip(self) -> str:
        """Address of the Service `kubernetes` in namespace `default`."""
        return str(self.service_network[1])

    @property
    def advertise(self) -> str:
        """Address at which pods find the API behind its Service: the first node's bridge; loopback without real pods."""
        return str(self.pod_network[1]) if self.runtime == "containerd" and self.nodes else "127.0.0.1"

    @property
    def cluster_dns(self) -> str:
        """Address at which pods ask for names."""
        return str(self.service_network[10])

    def node_names(self) -> list[str]:
        """Return the names of the nodes this process starts."""
        count = 0 if self.runtime == "none" else self.nodes
        return [f"node-{index}" for index in range(count)]

    def node_pod_cidr(self, index: int) -> str:
        """Return the network of the pods of node number `index`."""
        first = int(self.pod_network.network_address) + index * 256
        return f"{ipaddress.IPv4Address(first)}/24"

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values, for `from_json` in another process."""
        return {**asdict(self), "data_dir": str(self.data_dir)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Settings":
        """Return the settings that `to_json` gave."""
        return cls(**{**values, "data_dir": Path(values["data_dir"])})

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """Return the settings in a file. Raises: UserError where it cannot be read."""
        try:
            return cls.from_json(json.loads(path.read_text()))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(f"cannot read {path}: {error}") from None


def _network(flag: str, text: str) -> None:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise UsageError(f"{flag} must be an IPv4 network such as 10.42.0.0/16: {error}") from None
    if network.prefixlen > 24:
        raise UsageError(f"{flag} {text} is too small: at least a /24 is needed")

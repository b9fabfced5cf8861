"""Where the private containerd lives and what everything of it is called: all derived from the data directory.

In: `Settings`. Out: paths and names for every other module of this room. Pure: looks at nothing.
Two clusters on one machine differ in their data directory, so nothing of theirs clashes.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NODE_LABEL = "moorage.dev/node"
"""Label on every sandbox and container: several nodes share one containerd."""
PAUSE_IMAGE = "localhost/moorage/pause:1"
"""The sandbox image; built here, never pulled."""
CRI_NAMESPACE = "k8s.io"
"""containerd's namespace for everything made through CRI."""
# A unix socket's path has 108 bytes with its terminator (unix(7)); containerd adds `.ttrpc`.
LONGEST_SOCKET = 107 - len(".ttrpc")


@dataclass(frozen=True, slots=True)
class NodeNetwork:
    """One node's share of the pod network.

    Args:
        name: node name.
        index: 0 for the first node of this machine; names the bridge.
        pod_cidr: e.g. `10.42.0.0/24`; the first address is the bridge's own.
    """

    name: str
    index: int
    pod_cidr: str

    @property
    def gateway(self) -> str:
        """The bridge's address."""
        return str(next(ipaddress.ip_network(self.pod_cidr).hosts()))

    @property
    def prefix_length(self) -> int:
        """Length of the network part of `pod_cidr`."""
        return ipaddress.ip_network(self.pod_cidr).prefixlen


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user decides about the containers of one machine.

    Args:
        data_dir: the cluster's data directory; all state is below it.
        nodes: the nodes this machine plays.
        cluster_cidr: all pod addresses; packets to unused ones never leave the machine.
        service_cidr: all service addresses; likewise.
        service_addresses: addresses of `service_cidr` this machine answers itself, e.g. the cluster DNS.
        mirror: URL every image pull of every host goes to; "" pulls from the image's own host.
        snapshotter: containerd's snapshotter; `native` where the data directory is itself an overlay.
    """

    data_dir: Path
    nodes: tuple[NodeNetwork, ...]
    cluster_cidr: str = "10.42.0.0/16"
    service_cidr: str = "10.43.0.0/16"
    service_addresses: tuple[str, ...] = ()
    mirror: str = ""
    snapshotter: str = "overlayfs"


class Layout:
    """Paths and names of one cluster's containerd.

    Args:
        data_dir: the cluster's data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.tag = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]
        self.home = self.data_dir / "containerd"
        self.root = self.home / "root"
        self.state = self.home / "state"
        self.socket = self.home / "containerd.sock"
        self.config = self.home / "config.toml"
        self.log = self.home / "containerd.log"
        self.pid = self.home / "process.json"
        self.lock = self.home / "lock"
        self.record = self.home / "host.json"
        self.hosts = self.home / "hosts"
        self.cni = self.home / "cni"
        self.leases = self.home / "leases"
        self.runc = self.home / "runc"
        self.cgroup_root = f"/moorage-{self.tag}"
        # Own metric and protocol number: two clusters may hold the same unreachable route, each removes only its own.
        self.route_metric = 1_000_000 + int(self.tag, 16) % 1_000_000

    def bridge(self, node: NodeNetwork) -> str:
        """Return the name of the node's bridge: at most 15 bytes (IFNAMSIZ)."""
        return f"mo{self.tag}-{node.index}"

    def handler(self, node: NodeNetwork) -> str:
        """Return the name of the node's runtime handler."""
        return f"moorage-{node.index}"

    def cni_dir(self, node: NodeNetwork) -> Path:
        """Return the folder with the node's network configuration."""
        return self.cni / str(node.index)


def node_networks(names: Sequence[str], cluster_cidr: str, prefix_length: int = 24) -> tuple[NodeNetwork, ...]:
    """Give each node its own range of the cluster's, in order.

    Args:
        names: node names.
        cluster_cidr: e.g. `10.42.0.0/16`.
        prefix_length: size of one node's range.

    Returns:
        One network per name.
    """
    ranges = ipaddress.ip_network(cluster_cidr).subnets(new_prefix=prefix_length)
    return tuple(NodeNetwork(name, index, str(cidr)) for index, (name, cidr) in enumerate(zip(names, ranges)))

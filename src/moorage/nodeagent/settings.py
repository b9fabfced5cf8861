"""What one node agent is told at its start.

In: the assembly's settings. Out: `AgentSettings`, frozen; every part of the agent reads from it and nothing else.
"""

from dataclasses import dataclass
from pathlib import Path

from moorage.base.limits import MAX_PODS_PER_NODE, NODE_LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a node offers to pods.

    Args:
        cpu_millis: thousandths of a CPU.
        memory_bytes: memory.
        storage_bytes: disk below the data directory.
        pods: most pods.
    """

    cpu_millis: int
    memory_bytes: int
    storage_bytes: int
    pods: int = MAX_PODS_PER_NODE


@dataclass(frozen=True, slots=True)
class Machine:
    """What the Node object says of the machine (`status.nodeInfo`)."""

    machine_id: str = ""
    system_uuid: str = ""
    boot_id: str = ""
    kernel: str = ""
    os_image: str = ""
    operating_system: str = "linux"
    architecture: str = "amd64"


@dataclass(frozen=True, slots=True)
class HostResolver:
    """The node's own resolv.conf: what pods with dnsPolicy Default get, and whose searches ClusterFirst pods add."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """One node agent.

    Args:
        node_name: the Node's name; also its hostname label.
        data_dir: the agent's own directory: pods' volumes and logs.
        address: the node's IP.
        capacity: what it offers.
        machine: what it is.
        cluster_dns: name servers of ClusterFirst pods.
        domain: DNS zone of the cluster.
        resolver: the node's own resolver.
        pod_cidr: network of this node's pods, "" if unknown.
        api_host: address at which pods reach the API (`KUBERNETES_SERVICE_HOST`), "" for none.
        api_port: its port.
        server_host: address the agent's own HTTPS server listens on; "" is `address`, where the API looks for it.
        server_port: its port; 0 picks a free one.
        labels: more labels of the Node.
        forbidden: directories no hostPath volume may touch (the cluster's own data).
        volumes_dir: the one place in them where PersistentVolumes of this node may be, "" for none.
        lease_seconds: time between heartbeats.
        relist_seconds: time between full looks at the runtime.
        refresh_seconds: time between looks at mounted ConfigMaps and Secrets.
    """

    node_name: str
    data_dir: Path
    address: str
    capacity: Capacity
    machine: Machine = Machine()
    cluster_dns: tuple[str, ...] = ()
    domain: str = "cluster.local"
    resolver: HostResolver = HostResolver()
    pod_cidr: str = ""
    api_host: str = ""
    api_port: int = 443
    server_host: str = ""
    server_port: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[str, ...] = ()
    volumes_dir: str = ""
    lease_seconds: float = NODE_LEASE_SECONDS
    relist_seconds: float = 5.0
    refresh_seconds: float = 30.0

    @property
    def pods_dir(self) -> Path:
        """Directory with one directory a pod uid."""
        return self.data_dir / "pods"

    @property
    def logs_dir(self) -> Path:
        """Directory of the pods' log files."""
        return self.data_dir / "pod-logs"

    def pod_dir(self, uid: str) -> Path:
        """Return the directory of one pod's volumes and files."""
        return self.pods_dir / uid

    def log_dir(self, namespace: str, name: str, uid: str) -> Path:
        """Return the directory of one pod's logs, named as the kubelet names it."""
        return self.logs_dir / f"{namespace}_{name}_{uid}"

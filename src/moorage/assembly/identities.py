"""Who exists in a cluster, and the certificate of each.

In: `Settings`. Out: `Leaf`s for the authority. Users and groups are Kubernetes' own.
"""

import socket

from moorage.assembly.pki import Leaf
from moorage.assembly.settings import Settings
from moorage.client.ports import User

MASTERS = "system:masters"
CONTROLLERS = User("system:kube-controller-manager", (MASTERS, "system:authenticated"))
"""In whose name the control plane's own loops write."""

ADMIN = Leaf("admin", "moorage-admin", (MASTERS,))
NODE_CLIENT = Leaf("apiserver-kubelet-client", "kube-apiserver-kubelet-client", (MASTERS,))


def server(settings: Settings) -> Leaf:
    """Return the API server's serving certificate."""
    names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{settings.domain}")
    hosts = ("localhost", "127.0.0.1", settings.api_service_ip, settings.advertise, *names, socket.gethostname())
    return Leaf("apiserver", "kube-apiserver", hosts=tuple(dict.fromkeys(hosts)))


def node_client(name: str) -> Leaf:
    """Return the certificate with which a node agent asks the API: it may touch its own node only."""
    return Leaf(f"node-client-{name}", f"system:node:{name}", ("system:nodes",))


def node_server(name: str, address: str) -> Leaf:
    """Return the certificate with which a node agent serves logs and exec."""
    hosts = tuple(dict.fromkeys((name, address, "127.0.0.1", "localhost")))
    return Leaf(f"node-server-{name}", f"system:node:{name}", hosts=hosts)

"""What the API server must be told, and what it needs of the world around it.

In: the assembly's settings. Out: two frozen values every part of the room takes.
"""

import ipaddress
import ssl
from dataclasses import dataclass

from moorage.base.ports import Chance, Clock, Ids
from moorage.why.picture import Plans, no_plans


@dataclass(frozen=True, slots=True)
class Ambient:
    """Time, fresh names and chance."""

    clock: Clock
    ids: Ids
    chance: Chance


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the API server must be told.

    Args:
        service_cidr: IPv4 network of Services; `.1` is the API itself.
        port: TCP port of the API, for the endpoints of the Service `kubernetes`.
        advertise: IPv4 address under which pods reach the API.
        issuer: `iss` and default audience of service account tokens.
        signing_key: RSA private key (PEM) that signs service account tokens; b"" for none.
        authority: certificate of the cluster's authority (PEM), published as ConfigMap `kube-root-ca.crt`.
        strict: nothing beyond Kubernetes, and no word about it.
        node_tls: TLS context (own client certificate, authority verified) for node agents; None for no agents.
        plans: what the ledger of the controllers in this process remembers, for explanations.
    """

    service_cidr: str = "10.43.0.0/16"
    port: int = 6443
    advertise: str = "127.0.0.1"
    issuer: str = "https://kubernetes.default.svc.cluster.local"
    signing_key: bytes = b""
    authority: str = ""
    strict: bool = False
    node_tls: ssl.SSLContext | None = None
    plans: Plans = no_plans

    @property
    def service_network(self) -> ipaddress.IPv4Network:
        """Network of all Services."""
        return ipaddress.IPv4Network(self.service_cidr)

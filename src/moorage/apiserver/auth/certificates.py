"""Users from TLS client certificates, already verified by the handshake.

In: the peer certificate as `ssl` gives it. Out: `User`: CN is the name, O the groups
(Kubernetes documentation, "Authenticating": X.509 client certificates).
"""

from typing import Any

from moorage.apiserver.auth.authorizer import AUTHENTICATED
from moorage.client.ports import User


def user_of(certificate: dict[str, Any] | None) -> User | None:
    """Return the user of a certificate, None without one or without a name in it."""
    if not certificate:
        return None
    name, groups = "", []
    for relative in certificate.get("subject", ()):
        for key, value in relative:
            if key == "commonName":
                name = value
            elif key == "organizationName":
                groups.append(value)
    return User(name, (*groups, AUTHENTICATED)) if name else None

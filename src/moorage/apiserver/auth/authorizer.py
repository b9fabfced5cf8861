"""Whether somebody may: a short table of groups and names, and the rules of nodes.

In: a user and what is wanted. Out: allowed or not. Role-based rules come with their kinds in a later issue;
until then: administrators and the cluster's own parts may do everything, nodes what their pods need, others look around.
"""

from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.noderules import NodeRules
from moorage.apiserver.watchcache import WatchCache
from moorage.client.ports import User

ADMINISTRATORS = "system:masters"
AUTHENTICATED = "system:authenticated"
NODES = "system:nodes"
NODE_PREFIX = "system:node:"
COMPONENTS = frozenset({"system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"})
"""The cluster's own parts. Only its authority can give out a certificate with such a name."""
_PUBLIC = ("/healthz", "/livez", "/readyz", "/version")
_DISCOVERY = ("/api", "/apis", "/openapi", "/.well-known/openid-configuration", "/openid")
_SELF = frozenset({"selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"})


class Authorizer:
    """Decides.

    Args:
        cache: what node rules look at.
    """

    def __init__(self, cache: WatchCache) -> None:
        self._nodes = NodeRules(cache)

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Return whether a user may do something."""
        if ADMINISTRATORS in user.groups or user.name in COMPONENTS:
            return True
        if wanted.path:
            return _allows_path(user, wanted)
        if AUTHENTICATED in user.groups and wanted.resource in _SELF and wanted.verb == "create":
            return True
        return NODES in user.groups and self._nodes.allows(node_name(user), wanted)


def node_name(user: User) -> str:
    """Return the node whose credential this is, "" for others."""
    return user.name.removeprefix(NODE_PREFIX) if user.name.startswith(NODE_PREFIX) else ""


def _allows_path(user: User, wanted: Attributes) -> bool:
    if wanted.verb not in ("get", "head"):
        return False
    known = _PUBLIC + _DISCOVERY if AUTHENTICATED in user.groups else _PUBLIC
    path = wanted.path.rstrip("/")
    return any(path == start or path.startswith(f"{start}/") for start in known)

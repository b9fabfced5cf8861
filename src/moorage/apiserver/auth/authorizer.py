"""Whether somebody may: administrators everything, nodes what their pods need, everybody what their roles allow.

In: a user and what is wanted. Out: allowed or not. Rules that hold from the start are in `policy`.
"""

from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.noderules import NodeRules
from moorage.apiserver.auth.roles import Roles
from moorage.apiserver.watchcache import WatchCache
from moorage.client.ports import User

ADMINISTRATORS = "system:masters"
AUTHENTICATED = "system:authenticated"
NODES = "system:nodes"
NODE_PREFIX = "system:node:"
COMPONENTS = frozenset({"system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"})
"""The cluster's own parts. Only its authority can give out a certificate with such a name."""


class Authorizer:
    """Decides.

    Args:
        cache: roles, bindings, and what node rules look at.
    """

    def __init__(self, cache: WatchCache) -> None:
        self._nodes = NodeRules(cache)
        self.roles = Roles(cache)

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Return whether a user may do something."""
        if unlimited(user):
            return True
        if NODES in user.groups and not wanted.path and self._nodes.allows(node_name(user), wanted):
            return True
        return self.roles.allows(user, wanted)


def unlimited(user: User) -> bool:
    """Return whether a user may do everything, whatever roles say."""
    return ADMINISTRATORS in user.groups or user.name in COMPONENTS


def node_name(user: User) -> str:
    """Return the node whose credential this is, "" for others."""
    return user.name.removeprefix(NODE_PREFIX) if user.name.startswith(NODE_PREFIX) else ""

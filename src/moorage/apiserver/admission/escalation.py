"""Nobody grants what they do not have: a role holds only rules of its writer, and so does what a binding hands out.

In: writes of roles and bindings. Out: nothing, or 403. Whoever may `escalate` roles, or `bind` one, is free to.
Source: kubernetes.io, "Privilege escalation prevention and bootstrapping"; pkg/registry/rbac/validation.
"""

from moorage.api import scheme
from moorage.api.goquote import quote
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.auth import rules
from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.authorizer import unlimited
from moorage.apiserver.auth.roles import Roles
from moorage.apiserver.documents import items, part

_ROLES = (scheme.ROLES, scheme.CLUSTERROLES)
_BINDINGS = (scheme.ROLEBINDINGS, scheme.CLUSTERROLEBINDINGS)


def check(write: Write, world: World) -> None:
    """Refuse an escalation. Raises: ApiError (403)."""
    if unlimited(write.user) or _same(write):
        return
    roles = Roles(world.cache)
    if roles.allows(write.user, _permission(write)):
        return
    granted = _granted(write, roles)
    lacking = rules.missing(list(roles.of(write.user, write.key.namespace)), granted)
    if lacking:
        listed = "\n".join(sorted(rules.text(rule) for rule in rules.joined(lacking)))
        who = f"user {quote(write.user.name)} (groups={rules.spelt(write.user.groups)})"
        sentence = f"{who} is attempting to grant RBAC permissions not currently held:\n{listed}"
        raise errors.forbidden(write.resource, write.shown_name, sentence)


def _same(write: Write) -> bool:
    """Return whether an update grants nothing new."""
    keys = ("rules", "aggregationRule") if write.resource in _ROLES else ("roleRef", "subjects")
    return write.old is not None and all(write.new.get(key) == write.old.get(key) for key in keys)


def _permission(write: Write) -> Attributes:
    """Return what frees from the check."""
    group = write.resource.group
    if write.resource in _ROLES:
        return Attributes(
            "escalate", group, write.resource.plural, namespace=write.key.namespace, name=write.shown_name
        )
    reference = part(write.new, "roleRef")
    plural = "roles" if reference.get("kind") == "Role" else "clusterroles"
    return Attributes("bind", group, plural, namespace=write.key.namespace, name=reference.get("name", ""))


def _granted(write: Write, roles: Roles) -> list[Document]:
    if write.resource in _BINDINGS:
        return roles.behind(part(write.new, "roleRef"), write.key.namespace)
    if write.new.get("aggregationRule"):
        # What it will gather is not known yet, so only who has everything may write it.
        return [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    return items(write.new, "rules")


GATE = Gate("RBACEscalation", check, (*_ROLES, *_BINDINGS), operations=("CREATE", "UPDATE"))

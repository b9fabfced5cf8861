"""Which rules a user has: through the bindings that name the user, a group or the service account.

In: a user and a namespace. Out: rules, as roles hold them. Source: kubernetes.io, "Using RBAC Authorization".
"""

from collections.abc import Iterator
from typing import Any

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.apiserver.auth import rules
from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.documents import items
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Selection
from moorage.client.ports import User

_ACCOUNT = "system:serviceaccount:"


class Roles:
    """Looks rules up.

    Args:
        cache: roles and bindings.
    """

    def __init__(self, cache: WatchCache) -> None:
        self._cache = cache

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Return whether a rule allows something. O(bindings of the cluster and of the namespace)."""
        return any(rules.allows(rule, wanted) for rule in self.of(user, wanted.namespace))

    def of(self, user: User, namespace: str) -> Iterator[Document]:
        """Yield the rules of a user in a namespace; "" for those that hold everywhere."""
        for binding in self._bindings(namespace):
            home = (binding.get("metadata") or {}).get("namespace") or ""
            if any(_is(subject, user, home) for subject in items(binding, "subjects")):
                yield from self.behind(binding.get("roleRef") or {}, home)

    def behind(self, reference: Document, namespace: str) -> list[Any]:
        """Return the rules of the role that a binding refers to; none where it does not exist."""
        name = reference.get("name", "")
        resource, key = scheme.CLUSTERROLES, ObjectKey("", name)
        if reference.get("kind") == "Role":
            resource, key = scheme.ROLES, ObjectKey(namespace, name)
        found = self._cache.get(resource, key)
        return items(found.document, "rules") if found else []

    def _bindings(self, namespace: str) -> Iterator[Document]:
        for one in self._cache.shelf(scheme.CLUSTERROLEBINDINGS).select(Selection()):
            yield one.document
        if namespace:
            for one in self._cache.shelf(scheme.ROLEBINDINGS).select(Selection(namespace)):
                yield one.document


def _is(subject: Document, user: User, namespace: str) -> bool:
    """Return whether a binding's subject is the user."""
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "User":
        return bool(name == user.name)
    if kind == "Group":
        return name in user.groups
    return kind == "ServiceAccount" and user.name == f"{_ACCOUNT}{subject.get('namespace') or namespace}:{name}"

"""What a node's credential may do: its own Node and Lease, the pods bound to it, and what those pods refer to.

In: a node's name and what is wanted. Out: allowed or not (fact sheet reliability.md ND3). What a node may change *in* its
Node and pods is admission's business (`admission.noderestriction`).
"""

from collections.abc import Callable, Mapping

from moorage.api import scheme
from moorage.api.fields import FieldSelector, Term
from moorage.api.refs import ObjectKey
from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.podreferences import references
from moorage.apiserver.documents import part
from moorage.apiserver.stored import Stored
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Selection

LEASES = "kube-node-lease"
_READ = frozenset({"get", "list", "watch"})
_WRITE = frozenset({"update", "patch"})
_PUBLIC_KINDS = frozenset({"services", "endpoints", "endpointslices", "namespaces", "storageclasses", "nodes"})
"""What every node may read: names and addresses, no secrets."""


class NodeRules:
    """The rules, over what the cache shows.

    Args:
        cache: pods, claims and volumes.
    """

    def __init__(self, cache: WatchCache) -> None:
        self._cache = cache
        self._rules: Mapping[str, Callable[[str, Attributes], bool]] = {
            "nodes": self._node,
            "leases": self._lease,
            "pods": self._pod,
            "events": lambda _node, wanted: wanted.verb in ("create", "update", "patch"),
            "secrets": self._referenced,
            "configmaps": self._referenced,
            "persistentvolumeclaims": self._referenced,
            "persistentvolumes": self._volume,
            "serviceaccounts": self._account,
        }

    def allows(self, node: str, wanted: Attributes) -> bool:
        """Return whether a node may do something."""
        if not node:
            return False
        if wanted.resource in _PUBLIC_KINDS and wanted.verb in _READ and not wanted.subresource:
            return True
        rule = self._rules.get(wanted.resource)
        return rule is not None and rule(node, wanted)

    def _node(self, node: str, wanted: Attributes) -> bool:
        if wanted.verb == "create":
            return not wanted.subresource
        return wanted.name == node and wanted.verb in _WRITE and wanted.subresource in ("", "status")

    def _lease(self, node: str, wanted: Attributes) -> bool:
        if wanted.namespace != LEASES or wanted.subresource:
            return False
        return wanted.verb == "create" or (wanted.name == node and wanted.verb in _READ | _WRITE | {"delete"})

    def _pod(self, node: str, wanted: Attributes) -> bool:
        if wanted.verb in ("list", "watch") and not wanted.subresource:
            return wanted.fields.required("spec.nodeName") == node or self._is_own(node, wanted)
        if not self._is_own(node, wanted):
            return False
        if wanted.subresource == "status":
            return wanted.verb in _WRITE | {"get"}
        return not wanted.subresource and wanted.verb in ("get", "delete")

    def _is_own(self, node: str, wanted: Attributes) -> bool:
        """A pod that is gone counts as one's own, so that its node learns that by a 404."""
        if not wanted.name:
            return False
        pod = self._cache.get(scheme.PODS, ObjectKey(wanted.namespace, wanted.name))
        return pod is None or part(pod.document, "spec").get("nodeName") == node

    def _referenced(self, node: str, wanted: Attributes) -> bool:
        if not wanted.name or wanted.verb not in _READ or wanted.subresource:
            return False
        return self._refers(node, wanted.namespace, wanted.resource, wanted.name)

    def _volume(self, node: str, wanted: Attributes) -> bool:
        """A volume may be read through the claim it is bound to."""
        if not wanted.name or wanted.verb not in _READ:
            return False
        volume = self._cache.get(scheme.PERSISTENTVOLUMES, ObjectKey("", wanted.name))
        claim = part(volume.document, "spec", "claimRef") if volume else {}
        plural = "persistentvolumeclaims"
        return bool(claim) and self._refers(node, claim.get("namespace", ""), plural, claim.get("name", ""))

    def _account(self, node: str, wanted: Attributes) -> bool:
        reads = wanted.verb == "get" and not wanted.subresource
        asks_token = wanted.verb == "create" and wanted.subresource == "token"
        return (reads or asks_token) and self._refers(node, wanted.namespace, "serviceaccounts", wanted.name)

    def _refers(self, node: str, namespace: str, plural: str, name: str) -> bool:
        return any(
            pod.key.namespace == namespace and (plural, name) in references(pod.document) for pod in self._pods(node)
        )

    def _pods(self, node: str) -> list[Stored]:
        selection = Selection(fields=FieldSelector((Term("spec.nodeName", node),)))
        return self._cache.shelf(scheme.PODS).select(selection)

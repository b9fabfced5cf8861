"""NodeRestriction: what a node may change inside the objects it may write.

In: writes by `system:node:…`. Out: 403. Rules: plugin/pkg/admission/noderestriction upstream; fact sheet reliability.md ND3 and
E.2, test 9.
"""

from collections.abc import Iterable

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.auth.authorizer import NODES, node_name
from moorage.apiserver.documents import items, part

_LABELS = frozenset(
    {
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
    }
)  # fmt: skip
_LABEL_SPACES = ("kubelet.kubernetes.io", "node.kubernetes.io")


def check(write: Write, world: World) -> None:
    """Refuse what is not a node's to change. Raises: ApiError (403)."""
    node = node_name(write.user) if NODES in write.user.groups else ""
    if not node:
        return
    sentence = ""
    if write.resource == scheme.NODES:
        sentence = _node(node, write)
    elif write.resource == scheme.PODS and write.operation != "DELETE":
        sentence = _pod(node, write)
    elif write.resource == scheme.LEASES and write.operation == "CREATE" and write.key.name != node:
        sentence = f'can only access node lease with the same name as the requesting node "{node}"'
    elif write.resource == scheme.SERVICEACCOUNTS and write.subresource == "token":
        sentence = _token(node, write, world)
    if sentence:
        raise errors.forbidden(write.resource, write.shown_name, sentence)


def _node(node: str, write: Write) -> str:
    if write.key.name != node:
        return f'node "{node}" is not allowed to modify node "{write.key.name}"'
    old = write.old or {}
    if write.operation == "UPDATE" and items(write.new, "spec", "taints") != items(old, "spec", "taints"):
        return f'node "{node}" is not allowed to modify taints'
    changed = meta.labels(write.new).items() ^ meta.labels(old).items()
    bad = sorted({key for key, _ in changed if _is_reserved(key)})
    if bad:
        return f"is not allowed to modify labels: {', '.join(bad)}"
    return ""


def _is_reserved(label: str) -> bool:
    space, _, _ = label.rpartition("/")
    if not space or label in _LABELS or _within(space, _LABEL_SPACES):
        return False
    return _within(space, ("kubernetes.io", "k8s.io"))


def _within(space: str, domains: Iterable[str]) -> bool:
    return any(space == domain or space.endswith(f".{domain}") for domain in domains)


def _pod(node: str, write: Write) -> str:
    if write.operation == "CREATE":
        return f'pod does not have "kubernetes.io/config.mirror" annotation, node "{node}" can only create mirror pods'
    if part(write.old or {}, "spec").get("nodeName") != node:
        return f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
    if meta.labels(write.new) != meta.labels(write.old or {}):
        return f'node "{node}" cannot update labels through pod status'
    return ""


def _token(node: str, write: Write, world: World) -> str:
    """A node asks tokens only for pods it runs, of the account they run as."""
    reference: Document = part(write.new, "spec", "boundObjectRef")
    if reference.get("kind") != "Pod":
        return "node requested token not bound to a pod"
    if not reference.get("uid"):
        return "node requested token with a pod binding without a uid"
    pod = world.get(scheme.PODS, write.key.namespace, reference.get("name", ""))
    if pod is None or meta.uid(pod.document) != reference["uid"]:
        return "node requested token bound to a pod that does not exist"
    spec = part(pod.document, "spec")
    if spec.get("nodeName") != node:
        return "node requested token bound to a pod scheduled on a different node"
    if spec.get("serviceAccountName") != write.key.name:
        return "node requested token for a service account its pod does not run as"
    return ""


GATE = Gate(
    "NodeRestriction",
    check,
    (scheme.NODES, scheme.PODS, scheme.LEASES, scheme.SERVICEACCOUNTS),
    operations=("CREATE", "UPDATE", "DELETE"),
    subresources=True,
)

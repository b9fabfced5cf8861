"""Which nodes fit: where a pod should run, and where one that runs may stay.

In: the set's template, a node. Out: `Verdict`. Source: NodeShouldRunDaemonPod (1.32).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from moorage.api.nodematching import takes_node, untolerated
from moorage.api.refs import Document
from moorage.api.views import convert
from moorage.api.views.cluster import Node
from moorage.api.views.pod import Toleration
from moorage.api.views.storage import NodeSelector
from moorage.controllers.daemonset import template
from moorage.informer.cache import Cached

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_NO_EXECUTE = frozenset(("NoExecute",))


class Verdict(NamedTuple):
    """`runs`: a pod should be made there; `stays`: one that is there may stay."""

    runs: bool
    stays: bool


NEITHER = Verdict(runs=False, stays=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a set asks of a node, parsed once for all of them."""

    node_name: str
    labels: dict[str, str]
    required: NodeSelector | None
    tolerations: tuple[Toleration, ...]

    def of(self, node: Node) -> Verdict:
        """Return the verdict about a node."""
        name, labels = node.metadata.name, node.metadata.labels
        if self.node_name not in ("", name) or any(labels.get(key) != value for key, value in self.labels.items()):
            return NEITHER
        if self.required is not None and not takes_node(self.required, name, labels):
            return NEITHER
        if untolerated(node.spec.taints, self.tolerations) is None:
            return Verdict(runs=True, stays=True)
        return Verdict(runs=False, stays=untolerated(node.spec.taints, self.tolerations, _NO_EXECUTE) is None)


def wish_of(owner: Cached[Any]) -> Wish:
    """Return what a set asks of a node."""
    spec: Document = owner.view.spec.template.get("spec") or {}
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED)
    return Wish(
        spec.get("nodeName") or "",
        spec.get("nodeSelector") or {},
        None if required is None else convert(NodeSelector, required),
        tuple(convert(Toleration, one) for one in template.tolerations(spec)),
    )

"""Which nodes a node selector takes, which pods a pod term takes.

In: parts of specs as views or documents, labels. Out: yes or no. Pure. Next: `filters`, `scores`, `volumes`.
Source: component-helpers/scheduling/corev1/nodeaffinity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moorage.api import labels
from moorage.api.views.meta import Json, Requirement
from moorage.api.views.storage import NodeSelector, NodeSelectorTerm

_OPERATORS: Mapping[str, labels.Operator] = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}


@dataclass(frozen=True, slots=True)
class PodTerm:
    """Which other pods a pod wants near or far.

    Args:
        selector: labels of those pods.
        namespaces: their namespaces; none and no `namespace_selector` means the pod's own, filled in already.
        namespace_selector: labels of their namespaces; None: `namespaces` alone count.
        topology_key: node label whose equal value is "near".
        weight: for preferred terms, 1 to 100.
    """

    selector: labels.Selector
    namespaces: frozenset[str]
    namespace_selector: labels.Selector | None
    topology_key: str
    weight: int = 0

    def takes(self, namespace: str, pod_labels: Mapping[str, str], namespaces: Mapping[str, Mapping[str, str]]) -> bool:
        """Return whether a pod is meant.

        Args:
            namespace: the pod's.
            pod_labels: the pod's.
            namespaces: labels of every namespace.
        """
        chosen = namespace in self.namespaces or (
            self.namespace_selector is not None and self.namespace_selector.matches(namespaces.get(namespace))
        )
        return chosen and self.selector.matches(pod_labels)


def pod_term(term: Json, namespace: str, weight: int = 0) -> PodTerm:
    """Return one term of `podAffinity` or `podAntiAffinity` of a pod in `namespace`."""
    among = term.get("namespaceSelector")
    named = frozenset(term.get("namespaces") or ())
    return PodTerm(
        labels.from_document(term.get("labelSelector")),
        named or (frozenset((namespace,)) if among is None else frozenset()),
        None if among is None else labels.from_document(among),
        term.get("topologyKey", ""),
        weight,
    )


def takes_node(selector: NodeSelector, name: str, node_labels: Mapping[str, str]) -> bool:
    """Return whether one term of a node selector holds; without terms none does."""
    return any(term_holds(term, name, node_labels) for term in selector.node_selector_terms)


def term_holds(term: NodeSelectorTerm, name: str, node_labels: Mapping[str, str]) -> bool:
    """Return whether all requirements of a term hold; an empty term holds nowhere."""
    if not term.match_expressions and not term.match_fields:
        return False
    return _all_hold(term.match_expressions, node_labels) and _all_hold(term.match_fields, {"metadata.name": name})


def only_names(selector: NodeSelector) -> frozenset[str] | None:
    """Return the nodes that a selector names one by one, as DaemonSet pods do; None where it does not name nodes."""
    names: set[str] = set()
    for term in selector.node_selector_terms:
        named = [
            frozenset(field.values)
            for field in term.match_fields
            if field.key == "metadata.name" and field.operator == "In"
        ]
        if not named:
            return None
        names |= frozenset.intersection(*named)
    return frozenset(names) if names else None


def _all_hold(requirements: Iterable[Requirement], values: Mapping[str, str]) -> bool:
    return all(
        labels.Requirement(one.key, _OPERATORS[one.operator], one.values).matches(values) for one in requirements
    )

"""Which other pods a term of pod affinity takes. (Which nodes a pod takes: `api.nodematching`.)

In: parts of specs as documents, labels. Out: yes or no. Pure. Next: `filters`, `scores`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.api import labels
from moorage.api.views.meta import Json


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

"""Which nodes take a pod: node selectors, and taints against tolerations.

In: parts of specs as views, names and labels of nodes. Out: yes or no. Pure. Read by the scheduler and by controllers that
place pods themselves. Source: component-helpers/scheduling/corev1 (nodeaffinity, helpers), core/v1 `ToleratesTaint`.
"""

from collections.abc import Collection, Iterable, Mapping

from moorage.api import labels
from moorage.api.views.cluster import Taint
from moorage.api.views.meta import Requirement
from moorage.api.views.pod import Toleration
from moorage.api.views.storage import NodeSelector, NodeSelectorTerm

_OPERATORS: Mapping[str, labels.Operator] = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}
HARD_EFFECTS = frozenset(("NoSchedule", "NoExecute"))


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


def untolerated(
    taints: Iterable[Taint], tolerations: Collection[Toleration], effects: frozenset[str] = HARD_EFFECTS
) -> Taint | None:
    """Return the first taint of these effects that keeps the pod away, None if none does."""
    return next(
        (one for one in taints if one.effect in effects and not any(tolerates(bears, one) for bears in tolerations)),
        None,
    )


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Return whether a toleration bears a taint: an empty effect bears every effect, Exists without a key every key."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return bool(toleration.key) and toleration.operator in ("", "Equal") and toleration.value == taint.value


def _all_hold(requirements: Iterable[Requirement], values: Mapping[str, str]) -> bool:
    return all(
        labels.Requirement(one.key, _OPERATORS[one.operator], one.values).matches(values) for one in requirements
    )

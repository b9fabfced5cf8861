"""Prefer nodes with fewer pods of the same kind (plugin podtopologyspread, ScheduleAnyway and the built-in default).

In: the pod's soft constraints, or its controller; pods of each node. Out: 0 to 100 a node.
Without constraints of its own a pod is kept from others of the same controller, by node and by zone, as upstream's
default constraints do.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from moorage.scheduler.podfacts import PodFacts, SpreadRule
from moorage.scheduler.scores import MOST
from moorage.scheduler.snapshot import NodeState, Snapshot

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return the more, the fewer pods of the same kind the node's domains have."""
    counted = [(key, _domains(snapshot, key, counts)) for key, counts in _rules(snapshot.pod)]
    sums = [float(sum(found[node.labels.get(key)] for key, found in counted)) for node in nodes]
    low, high = min(sums, default=0.0), max(sums, default=0.0)
    return [MOST * (high - one) / (high - low) if high > low else MOST for one in sums]


def _rules(pod: PodFacts) -> list[tuple[str, Callable[[PodFacts], bool]]]:
    """Return by which label to count which pods."""
    soft = [rule for rule in pod.spread if not rule.hard]
    if soft or pod.spread:
        return [(rule.topology_key, partial(_is_meant, rule, pod.key.namespace)) for rule in soft]
    owner = pod.view.metadata.controller
    if owner is None:
        return []
    is_sibling = partial(_has_controller, owner.uid)
    return [(HOSTNAME, is_sibling), (ZONE, is_sibling)]


def _is_meant(rule: SpreadRule, namespace: str, other: PodFacts) -> bool:
    return other.key.namespace == namespace and rule.selector.matches(other.labels)


def _has_controller(uid: str, other: PodFacts) -> bool:
    owner = other.view.metadata.controller
    return owner is not None and owner.uid == uid


def _domains(snapshot: Snapshot, key: str, counts: Callable[[PodFacts], bool]) -> Counter[str | None]:
    """Return how many pods that count each domain has; a node without the label is in none."""
    found: Counter[str | None] = Counter()
    for node in snapshot.nodes:
        if key in node.labels:
            found[node.labels[key]] += sum(counts(pod) for pod in node.pods if not pod.view.metadata.deleting)
    return found

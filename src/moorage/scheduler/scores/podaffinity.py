"""Prefer nodes near pods the pod likes and far from those it does not (plugin interpodaffinity, preferred terms).

In: weighted terms, labels of nodes and of their pods. Out: 0 to 100 a node.
"""

from collections import Counter
from collections.abc import Sequence

from moorage.scheduler.scores import MOST
from moorage.scheduler.selectors import PodTerm
from moorage.scheduler.snapshot import NodeState, Snapshot


def score(snapshot: Snapshot, nodes: Sequence[NodeState]) -> list[float]:
    """Return weights times pods met in the node's domains, stretched to 0 to 100 over these nodes."""
    affinity = snapshot.pod.affinity
    terms = [(term, 1) for term in affinity.preferred_near] + [(term, -1) for term in affinity.preferred_far]
    if not terms:
        return [0.0] * len(nodes)
    counted = [(term, sign * term.weight, _domains(snapshot, term)) for term, sign in terms]
    sums = [
        sum(weight * counts[node.labels.get(term.topology_key)] for term, weight, counts in counted) for node in nodes
    ]
    low, high = min(sums), max(sums)
    return [MOST * (one - low) / (high - low) if high > low else 0.0 for one in sums]


def _domains(snapshot: Snapshot, term: PodTerm) -> Counter[str | None]:
    """Return how many pods of the term each domain has; a node without the label is in none."""
    counts: Counter[str | None] = Counter()
    for node in snapshot.nodes:
        if term.topology_key in node.labels:
            met = sum(term.takes(pod.key.namespace, pod.labels, snapshot.namespaces) for pod in node.pods)
            counts[node.labels[term.topology_key]] += met
    return counts

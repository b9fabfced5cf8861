"""Pods are spread over domains no more unevenly than they allow (plugin podtopologyspread, DoNotSchedule).

In: the pod's constraints, labels of nodes, their pods. Out: `Verdict`.
"""

from collections import Counter

from moorage.api.nodematching import untolerated
from moorage.scheduler.filters import nodeaffinity
from moorage.scheduler.podfacts import PodFacts, SpreadRule
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

UNEVEN = "node(s) didn't match pod topology spread constraints"
NO_LABEL = f"{UNEVEN} (missing required label)"


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    pod = snapshot.pod
    rules = [rule for rule in pod.spread if rule.hard]
    if not rules:
        return None
    keys = {rule.topology_key for rule in rules}
    labelled = [node for node in snapshot.nodes if keys <= node.labels.keys()]
    counted = [(rule, domains(rule, pod, labelled)) for rule in rules]

    def ask(node: NodeState) -> Rejection | None:
        for rule, counts in counted:
            domain = node.labels.get(rule.topology_key)
            if domain is None:
                return hopeless(NO_LABEL)
            lowest = min(counts.values(), default=0) if len(counts) >= rule.min_domains else 0
            itself = rule.selector.matches(pod.labels)
            if counts[domain] + itself - lowest > rule.max_skew:
                return Rejection((UNEVEN,))
        return None

    return ask


def domains(rule: SpreadRule, pod: PodFacts, nodes: list[NodeState]) -> Counter[str]:
    """Return how many pods of the rule each domain has; `nodes` all have the rule's label."""
    counts: Counter[str] = Counter()
    for node in nodes:
        if _is_domain(rule, pod, node):
            counts[node.labels[rule.topology_key]] += sum(_counts(rule, pod, other) for other in node.pods)
    return counts


def _is_domain(rule: SpreadRule, pod: PodFacts, node: NodeState) -> bool:
    if rule.honor_affinity and not nodeaffinity.wants(pod, node):
        return False
    return not (rule.honor_taints and untolerated(node.view.spec.taints, pod.view.spec.tolerations))


def _counts(rule: SpreadRule, pod: PodFacts, other: PodFacts) -> bool:
    return (
        other.key.namespace == pod.key.namespace
        and not other.view.metadata.deleting
        and rule.selector.matches(other.labels)
    )

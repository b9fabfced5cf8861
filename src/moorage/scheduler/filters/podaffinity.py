"""Required pod affinity and anti-affinity, the pod's own and that of pods already there (plugin interpodaffinity).

In: terms, labels of nodes and of their pods. Out: `Verdict`.
"""

from collections.abc import Iterator

from moorage.scheduler.podfacts import PodFacts
from moorage.scheduler.selectors import PodTerm
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Rejection, Verdict, hopeless

NOT_NEAR = "node(s) didn't match pod affinity rules"
NOT_FAR = "node(s) didn't match pod anti-affinity rules"
UNWELCOME = "node(s) didn't satisfy existing pods anti-affinity rules"

_Domain = tuple[str, str]


def check(snapshot: Snapshot) -> Verdict:
    """Return the check of this rule."""
    near, far = snapshot.pod.affinity.near, snapshot.pod.affinity.far
    shunned = frozenset(_shunned(snapshot))
    if not near and not far and not shunned:
        return None
    friends = frozenset(_domains_with_all(snapshot, near)) if near else frozenset()
    foes = frozenset(domain for term in far for domain in _domains(snapshot, term))
    first_of_its_kind = not friends and bool(near) and _takes_itself(snapshot, near)

    def ask(node: NodeState) -> Rejection | None:
        homes = [(term.topology_key, node.labels.get(term.topology_key)) for term in near]
        known = all(value is not None for _, value in homes)
        if not known or not (first_of_its_kind or friends.issuperset(homes)):
            return hopeless(NOT_NEAR)
        if any((term.topology_key, node.labels.get(term.topology_key)) in foes for term in far):
            return Rejection((NOT_FAR,))
        if any(domain in shunned for domain in node.labels.items()):
            return Rejection((UNWELCOME,))
        return None

    return ask


def _domains_with_all(snapshot: Snapshot, terms: tuple[PodTerm, ...]) -> Iterator[_Domain]:
    """Return the domains, by every term's key, of pods that meet all terms at once."""
    for node in snapshot.nodes:
        if any(all(_takes(snapshot, term, pod) for term in terms) for pod in map(_about, node.pods)):
            keys = [term.topology_key for term in terms if term.topology_key in node.labels]
            yield from ((key, node.labels[key]) for key in keys)


def _domains(snapshot: Snapshot, term: PodTerm) -> Iterator[_Domain]:
    """Return the domains of pods that meet one term."""
    for node in snapshot.nodes:
        if term.topology_key in node.labels and any(_takes(snapshot, term, pod) for pod in map(_about, node.pods)):
            yield term.topology_key, node.labels[term.topology_key]


def _shunned(snapshot: Snapshot) -> Iterator[_Domain]:
    """Return the domains in which a pod already there does not want this one."""
    own = _about(snapshot.pod)
    for node in snapshot.nodes:
        for term in (term for other in node.shy_pods for term in other.affinity.far):
            if term.topology_key in node.labels and _takes(snapshot, term, own):
                yield term.topology_key, node.labels[term.topology_key]


def _takes_itself(snapshot: Snapshot, terms: tuple[PodTerm, ...]) -> bool:
    """Return whether the pod meets its own terms: then the first of its kind may go anywhere."""
    return all(_takes(snapshot, term, _about(snapshot.pod)) for term in terms)


def _about(pod: PodFacts) -> tuple[str, dict[str, str]]:
    return pod.key.namespace, pod.labels


def _takes(snapshot: Snapshot, term: PodTerm, about: tuple[str, dict[str, str]]) -> bool:
    return term.takes(*about, snapshot.namespaces)

"""What the scheduler reads of a pod, worked out once per change of it.

In: Pod views. Out: `PodFacts`. Pure. Next: `snapshot`.
"""

from dataclasses import dataclass, field

import msgspec

from moorage.api import labels
from moorage.api.refs import ObjectKey
from moorage.api.views.meta import Json
from moorage.api.views.pod import Pod
from moorage.api.views.storage import NodeSelector, NodeSelectorTerm
from moorage.scheduler.amounts import Request, request_of
from moorage.scheduler.selectors import PodTerm, pod_term

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
ANY_ADDRESS = "0.0.0.0"

HostPort = tuple[str, str, int]
"""(host address, protocol, port)."""


@dataclass(frozen=True, slots=True)
class SpreadRule:
    """One entry of `topologySpreadConstraints`.

    Args:
        topology_key: node label whose values are the domains.
        max_skew: by how many pods a domain may exceed the emptiest one.
        hard: DoNotSchedule; else it only counts when nodes are compared.
        selector: which pods of the namespace count.
        min_domains: with fewer domains than this the emptiest one counts as empty.
        honor_affinity: nodes the pod may not use for their labels are no domains.
        honor_taints: nodes the pod may not use for their taints are no domains.
    """

    topology_key: str
    max_skew: int
    hard: bool
    selector: labels.Selector
    min_domains: int
    honor_affinity: bool
    honor_taints: bool


@dataclass(frozen=True, slots=True)
class Affinity:
    """`spec.affinity`, parsed. `nodes` is None where any node will do."""

    nodes: NodeSelector | None = None
    preferred_nodes: tuple[tuple[int, NodeSelectorTerm], ...] = ()
    near: tuple[PodTerm, ...] = ()
    far: tuple[PodTerm, ...] = ()
    preferred_near: tuple[PodTerm, ...] = ()
    preferred_far: tuple[PodTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class PodFacts:
    """One pod.

    Args:
        key: namespace and name.
        view: all of it.
        request: see `amounts.Request`.
        ports: host ports it takes.
        affinity: see `Affinity`.
        spread: see `SpreadRule`.
    """

    key: ObjectKey
    view: Pod
    request: Request = field(default_factory=Request)
    ports: tuple[HostPort, ...] = ()
    affinity: Affinity = field(default_factory=Affinity)
    spread: tuple[SpreadRule, ...] = ()

    @property
    def uid(self) -> str:
        """Unique id."""
        return self.view.metadata.uid

    @property
    def labels(self) -> dict[str, str]:
        """Labels."""
        return self.view.metadata.labels


def facts_of(pod: Pod) -> PodFacts:
    """Return the facts of a pod."""
    spec = pod.spec
    return PodFacts(
        ObjectKey(pod.metadata.namespace, pod.metadata.name),
        pod,
        request_of(spec.containers, spec.init_containers, spec.overhead),
        tuple(_ports(pod)),
        _affinity(spec.affinity or {}, pod.metadata.namespace),
        tuple(_spread(rule, pod.metadata.labels) for rule in spec.topology_spread_constraints),
    )


def _ports(pod: Pod) -> list[HostPort]:
    # Upstream counts sidecars and, because they run before the containers do, other init containers too.
    containers = (*pod.spec.containers, *pod.spec.init_containers)
    offered = [port for container in containers for port in container.get("ports") or ()]
    return [
        (port.get("hostIP") or ANY_ADDRESS, port.get("protocol") or "TCP", port["hostPort"])
        for port in offered
        if port.get("hostPort")
    ]


def _affinity(affinity: Json, namespace: str) -> Affinity:
    nodes, near, far = (affinity.get(name) or {} for name in ("nodeAffinity", "podAffinity", "podAntiAffinity"))
    required = nodes.get(REQUIRED)
    return Affinity(
        msgspec.convert(required, NodeSelector) if required else None,
        tuple(
            (one["weight"], msgspec.convert(one.get("preference") or {}, NodeSelectorTerm))
            for one in nodes.get(PREFERRED) or ()
        ),
        _terms(near, namespace),
        _terms(far, namespace),
        _weighted(near, namespace),
        _weighted(far, namespace),
    )


def _terms(affinity: Json, namespace: str) -> tuple[PodTerm, ...]:
    return tuple(pod_term(term, namespace) for term in affinity.get(REQUIRED) or ())


def _weighted(affinity: Json, namespace: str) -> tuple[PodTerm, ...]:
    return tuple(
        pod_term(one.get("podAffinityTerm") or {}, namespace, one["weight"]) for one in affinity.get(PREFERRED) or ()
    )


def _spread(rule: Json, pod_labels: dict[str, str]) -> SpreadRule:
    selector = labels.from_document(rule.get("labelSelector"))
    own = [
        labels.Requirement(key, "in", (pod_labels[key],))
        for key in rule.get("matchLabelKeys") or ()
        if key in pod_labels
    ]
    return SpreadRule(
        rule.get("topologyKey", ""),
        rule.get("maxSkew", 1),
        rule.get("whenUnsatisfiable") != "ScheduleAnyway",
        labels.Selector((*selector.requirements, *own), selector.nothing),
        rule.get("minDomains") or 1,
        rule.get("nodeAffinityPolicy") != "Ignore",
        rule.get("nodeTaintsPolicy") == "Honor",
    )

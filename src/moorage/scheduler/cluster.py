"""The node table: every node with the pods that have a place on it, kept up to date change by change.

In: changes of nodes and pods, assumptions. Out: `NodeState` values and `Assumed` for snapshots.
One writer, the loop. An assumption holds until the pod is seen on its node, is gone, or is forgotten:
two pods are never given the same free place before the first one's binding is seen.
Costs: a change is O(pods of its node); asking for the nodes is O(nodes).
"""

from collections.abc import Mapping
from dataclasses import replace

from moorage.api.refs import ObjectKey
from moorage.api.views.cluster import Node
from moorage.scheduler.amounts import PODS, amounts, minus, plus
from moorage.scheduler.podfacts import PodFacts
from moorage.scheduler.snapshot import Assumed, NodeState


class Cluster:
    """Nodes, their pods, and what is assumed."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeState] = {}
        self._places: dict[ObjectKey, tuple[str, PodFacts]] = {}
        self._strays: dict[str, dict[ObjectKey, PodFacts]] = {}
        self._assumed_pods: set[ObjectKey] = set()
        self._assumed_volumes: dict[str, ObjectKey] = {}
        self._assumed_claims: dict[ObjectKey, str] = {}

    @property
    def nodes(self) -> tuple[NodeState, ...]:
        """Every node, by name."""
        return tuple(self._nodes[name] for name in sorted(self._nodes))

    @property
    def assumed(self) -> Assumed:
        """What is assumed of volumes and claims."""
        return Assumed(self._assumed_volumes, self._assumed_claims)

    def set_node(self, view: Node) -> None:
        """Take in a node as it is now."""
        name = view.metadata.name
        known = self._nodes.get(name)
        state = replace(known, view=view) if known else NodeState(view)
        self._nodes[name] = replace(state, allocatable=amounts(view.status.allocatable))
        for facts in self._strays.pop(name, {}).values():
            self._nodes[name] = _with(self._nodes[name], facts)

    def remove_node(self, name: str) -> None:
        """Take a node out; its pods are remembered in case it comes back."""
        state = self._nodes.pop(name, None)
        if state and state.pods:
            self._strays[name] = {facts.key: facts for facts in state.pods}

    def place(self, facts: PodFacts, node: str) -> None:
        """Take in a pod that is on `node` for certain."""
        self._assumed_pods.discard(facts.key)
        self._put(facts, node)

    def assume(self, facts: PodFacts, node: str) -> None:
        """Count a pod on `node` before its binding is seen."""
        self._assumed_pods.add(facts.key)
        self._put(facts, node)

    def forget(self, key: ObjectKey) -> None:
        """Take an assumption back, if the pod is not on its node for certain by now."""
        if key in self._assumed_pods:
            self.remove_pod(key)

    def remove_pod(self, key: ObjectKey) -> bool:
        """Take a pod out; return whether it had a place."""
        self._assumed_pods.discard(key)
        place = self._places.pop(key, None)
        if place is None:
            return False
        node, facts = place
        if node in self._nodes:
            self._nodes[node] = _without(self._nodes[node], facts)
        else:
            self._strays.get(node, {}).pop(key, None)
        return True

    def is_assumed(self, key: ObjectKey) -> bool:
        """Return whether a pod has a place by assumption alone."""
        return key in self._assumed_pods

    def assume_volumes(self, volumes: Mapping[str, ObjectKey], claims: Mapping[ObjectKey, str]) -> None:
        """Count volumes as bound and claims as given to a node before the caches show it."""
        self._assumed_volumes.update(volumes)
        self._assumed_claims.update(claims)

    def forget_volumes(self, volumes: Mapping[str, ObjectKey], claims: Mapping[ObjectKey, str]) -> None:
        """Take such assumptions back: they are seen, or came to nothing."""
        for name, key in volumes.items():
            if self._assumed_volumes.get(name) == key:
                del self._assumed_volumes[name]
        for key in claims:
            self._assumed_claims.pop(key, None)

    def _put(self, facts: PodFacts, node: str) -> None:
        old = self._places.get(facts.key)
        if old:
            assumed = facts.key in self._assumed_pods
            self.remove_pod(facts.key)
            if assumed:
                self._assumed_pods.add(facts.key)
        self._places[facts.key] = (node, facts)
        if node in self._nodes:
            self._nodes[node] = _with(self._nodes[node], facts)
        else:
            self._strays.setdefault(node, {})[facts.key] = facts


def _with(state: NodeState, facts: PodFacts) -> NodeState:
    request = facts.request
    return replace(
        state,
        used=plus(state.used, {**request.amounts, PODS: 1}),
        used_cpu_millis=state.used_cpu_millis + request.cpu_millis,
        used_memory_bytes=state.used_memory_bytes + request.memory_bytes,
        ports=state.ports + facts.ports,
        pods=(*state.pods, facts),
        shy_pods=(*state.shy_pods, facts) if facts.affinity.far else state.shy_pods,
    )


def _without(state: NodeState, facts: PodFacts) -> NodeState:
    request = facts.request
    pods = tuple(one for one in state.pods if one.key != facts.key)
    return replace(
        state,
        used=minus(state.used, {**request.amounts, PODS: 1}),
        used_cpu_millis=state.used_cpu_millis - request.cpu_millis,
        used_memory_bytes=state.used_memory_bytes - request.memory_bytes,
        ports=tuple(port for one in pods for port in one.ports),
        pods=pods,
        shy_pods=tuple(one for one in state.shy_pods if one.key != facts.key),
    )

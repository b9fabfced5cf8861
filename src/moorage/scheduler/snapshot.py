"""All that one scheduling decision sees.

In: a pod, the node table (`cluster`), caches of claims, volumes, classes, namespaces. Out: `Snapshot`, frozen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import NAMESPACES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES
from moorage.api.views.cluster import Node
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from moorage.informer.cache import Caches, Index
from moorage.scheduler.amounts import Amounts
from moorage.scheduler.podfacts import HostPort, PodFacts

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
BY_CLASS = Index("volume.class", PERSISTENTVOLUMES, lambda entry: (entry.view.spec.storage_class_name,))
READS: tuple[Resource, ...] = (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES, NAMESPACES)


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node and the pods that have a place on it, assumed ones included.

    Args:
        view: the node.
        allocatable: what it offers.
        used: what its pods take.
        used_cpu_millis: what its pods count as when nodes are compared, thousandths.
        used_memory_bytes: likewise.
        ports: host ports taken.
        pods: its pods.
        shy_pods: those of them that must be far from certain others.
    """

    view: Node
    allocatable: Amounts = field(default_factory=dict)
    used: Amounts = field(default_factory=dict)
    used_cpu_millis: int = 0
    used_memory_bytes: int = 0
    ports: tuple[HostPort, ...] = ()
    pods: tuple[PodFacts, ...] = ()
    shy_pods: tuple[PodFacts, ...] = ()

    @property
    def name(self) -> str:
        """Name."""
        return self.view.metadata.name

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels."""
        return self.view.metadata.labels


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One claim volume of the pod.

    Args:
        name: the claim's.
        ephemeral: made for this pod (a generic ephemeral volume).
        claim: None where there is none of that name.
        storage_class: None where it names none, or one that does not exist.
        volume: the volume it is bound to, None where it is not bound or the volume is gone.
        node: the node its volume is being made on, "" if none was chosen yet.
    """

    name: str
    ephemeral: bool = False
    claim: PersistentVolumeClaim | None = None
    storage_class: StorageClass | None = None
    volume: PersistentVolume | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One pod to place, and everything its place depends on.

    Args:
        pod: the pod.
        nodes: every node, by name.
        claims: the pod's claim volumes, in the order of its spec.
        volumes: volumes of the claims' classes that are not assumed to be another claim's.
        namespaces: labels of every namespace.
    """

    pod: PodFacts
    nodes: tuple[NodeState, ...] = ()
    claims: tuple[ClaimFacts, ...] = ()
    volumes: tuple[PersistentVolume, ...] = ()
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was decided and the caches do not show yet.

    Args:
        volumes: volume name → the claim it will be bound to.
        nodes: claim → the node its volume will be made on.
    """

    volumes: Mapping[str, ObjectKey]
    nodes: Mapping[ObjectKey, str]


def class_of(claim: PersistentVolumeClaim) -> str:
    """Return the class a claim names: the old annotation beats the field (facts/statefulset.md 7.5)."""
    return claim.metadata.annotations.get(CLASS_ANNOTATION) or claim.spec.storage_class_name or ""


def take(pod: PodFacts, nodes: tuple[NodeState, ...], assumed: Assumed, caches: Caches) -> Snapshot:
    """Return the snapshot for placing `pod`."""
    claims = tuple(_claims(pod, assumed, caches, {node.name for node in nodes}))
    unbound = [facts.claim for facts in claims if facts.claim and not facts.claim.spec.volume_name]
    classes = sorted({class_of(claim) for claim in unbound})
    own = {ObjectKey(pod.key.namespace, facts.name) for facts in claims}
    volumes = tuple(
        entry.view
        for name in classes
        for entry in caches.of(PERSISTENTVOLUMES).by_index(BY_CLASS.name, name)
        if assumed.volumes.get(entry.key.name) in {None, *own}
    )
    return Snapshot(pod, nodes, claims, volumes, _namespaces(caches) if _looks_at_pods(pod, nodes) else {})


def _claims(pod: PodFacts, assumed: Assumed, caches: Caches, nodes: set[str]) -> Iterator[ClaimFacts]:
    for volume in pod.view.spec.volumes:
        if volume.persistent_volume_claim:
            name, ephemeral = volume.persistent_volume_claim.claim_name, False
        elif volume.ephemeral:
            name, ephemeral = f"{pod.key.name}-{volume.name}", True
        else:
            continue
        key = ObjectKey(pod.key.namespace, name)
        entry = caches.of(PERSISTENTVOLUMECLAIMS).get(key)
        if entry is None:
            yield ClaimFacts(name, ephemeral)
            continue
        claim: PersistentVolumeClaim = entry.view
        node = assumed.nodes.get(key) or claim.metadata.annotations.get(SELECTED_NODE, "")
        yield ClaimFacts(
            name,
            ephemeral,
            claim,
            _view(caches, STORAGECLASSES, class_of(claim)),
            _view(caches, PERSISTENTVOLUMES, claim.spec.volume_name),
            # A node that is gone does not hold its claims for ever: another one may be chosen.
            node if node in nodes else "",
        )


def _view(caches: Caches, resource: Resource, name: str) -> Any:
    entry = caches.of(resource).get(ObjectKey("", name)) if name else None
    return entry.view if entry else None


def _looks_at_pods(pod: PodFacts, nodes: tuple[NodeState, ...]) -> bool:
    """Return whether pods' terms about other pods, which may speak of namespaces, play a part."""
    own = pod.affinity
    return any((own.near, own.far, own.preferred_near, own.preferred_far)) or any(node.shy_pods for node in nodes)


def _namespaces(caches: Caches) -> Mapping[str, Mapping[str, str]]:
    return {entry.key.name: entry.view.metadata.labels for entry in caches.of(NAMESPACES)}

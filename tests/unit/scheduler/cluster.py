"""A cluster in memory for tests of decisions: documents in, decisions out, through the real caches and node table.

In: `pod(...)`, `node(...)`, `claim(...)`, `volume(...)`, `storage_class(...)`. Out: `World.decide`.
"""

from itertools import count
from typing import Any

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import NAMESPACES, NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS, STORAGECLASSES
from moorage.api.views import view
from moorage.informer.objects import ObjectCache
from moorage.scheduler.cluster import Cluster
from moorage.scheduler.decide import Placement, Refusal, decide
from moorage.scheduler.podfacts import PodFacts, facts_of
from moorage.scheduler.snapshot import BY_CLASS, Snapshot, take

RESOURCES: tuple[Resource, ...] = (NAMESPACES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, STORAGECLASSES)
_numbers = count(1)


def _object(name: str, namespace: str = "", **rest: Any) -> Document:
    metadata = {"name": name, "uid": f"uid-{name}", "resourceVersion": str(next(_numbers))}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= rest.pop("metadata", {})
    return {"metadata": metadata, **rest}


def node(name: str, *, labels: dict[str, str] | None = None, allocatable: dict[str, Any] | None = None, **spec: Any):
    """Return a Node that offers 4 CPUs, 8Gi and 110 pods unless told otherwise."""
    offer = {"cpu": "4", "memory": "8Gi", "ephemeral-storage": "10Gi", "pods": "110", **(allocatable or {})}
    marks = {"labels": {"kubernetes.io/hostname": name, **(labels or {})}}
    return _object(name, metadata=marks, spec=spec, status={"allocatable": offer})


def pod(name: str = "web-0", *, requests: dict[str, Any] | None = None, metadata: Any = None, **spec: Any) -> Document:
    """Return a Pod with one container, waiting for the default scheduler."""
    container = {"name": "main", "resources": {"requests": requests or {}}}
    whole = {"schedulerName": "default-scheduler", "containers": [container], **spec}
    return _object(name, "default", metadata=metadata or {}, spec=whole, status={"phase": "Pending"})


def claim(name: str, storage_class: str = "local", size: str = "1Gi", **rest: Any) -> Document:
    """Return an unbound ReadWriteOnce claim."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": storage_class,
        "resources": {"requests": {"storage": size}},
        **rest.pop("spec", {}),
    }
    return _object(name, "default", metadata=rest.pop("metadata", {}), spec=spec, status=rest or {"phase": "Pending"})


def bound(name: str, to: str, **spec: Any) -> Document:
    """Return a claim bound to the volume `to`."""
    marks = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}
    return claim(name, metadata=marks, spec={"volumeName": to, **spec}, phase="Bound")


def volume(name: str, *, on: str = "", size: str = "1Gi", phase: str = "Available", **spec: Any) -> Document:
    """Return a volume of class `local`, reachable from node `on` only, where that is given."""
    where = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [on]}]}
    whole = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "local", **spec}
    if on:
        whole["nodeAffinity"] = {"required": {"nodeSelectorTerms": [where]}}
    return _object(name, spec=whole, status={"phase": phase})


def storage_class(name: str = "local", mode: str = "WaitForFirstConsumer", **rest: Any) -> Document:
    """Return a class with a provisioner."""
    return _object(name, **{"provisioner": "moorage.dev/local", "volumeBindingMode": mode, **rest})


def uses(*claims: str) -> list[Document]:
    """Return the volumes of a pod spec that use these claims."""
    return [{"name": f"v{index}", "persistentVolumeClaim": {"claimName": name}} for index, name in enumerate(claims)]


class Fixed:
    """A `Chance` that always gives the same share of its range."""

    def __init__(self, share: float = 0.0) -> None:
        self.share = share

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.share


class World:
    """Nodes with pods, and what else decisions read."""

    def __init__(self, *nodes: Document) -> None:
        self.cluster = Cluster()
        self.caches = {resource: ObjectCache(resource) for resource in RESOURCES}
        self.caches[PERSISTENTVOLUMES].add_index(BY_CLASS)
        for one in nodes:
            self.cluster.set_node(view(NODES, one))

    def of(self, resource: Resource) -> ObjectCache:
        """Return a cache (`Caches`)."""
        return self.caches[resource]

    def add(self, resource: Resource, *documents: Document) -> None:
        """Store documents."""
        for one in documents:
            self.caches[resource].apply(one, int(one["metadata"]["resourceVersion"]), deleted=False)

    def run(self, document: Document, on: str) -> None:
        """Put a pod on a node."""
        self.cluster.place(facts(document), on)

    def snapshot(self, document: Document) -> Snapshot:
        """Return what a decision about a pod sees."""
        return take(facts(document), self.cluster.nodes, self.cluster.assumed, self)

    def decide(self, document: Document, share: float = 0.0) -> Placement | Refusal:
        """Decide where a pod goes."""
        return decide(self.snapshot(document), Fixed(share))

    def where(self, document: Document, share: float = 0.0) -> str:
        """Return the node a pod gets."""
        decision = self.decide(document, share)
        assert isinstance(decision, Placement), decision
        return decision.node

    def why_not(self, document: Document) -> str:
        """Return why a pod gets no node, without the sentence about preemption."""
        decision = self.decide(document)
        assert isinstance(decision, Refusal), decision
        return decision.message.split(" preemption: ")[0]


def facts(document: Document) -> PodFacts:
    """Return the facts of a pod document."""
    return facts_of(view(PODS, document))


def key(name: str) -> ObjectKey:
    """Return a key in the default namespace."""
    return ObjectKey("default", name)

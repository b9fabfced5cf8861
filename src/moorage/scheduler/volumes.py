"""The pod's claims on one node: which are bound, which volume each unbound one would take, which must be made there.

In: `Snapshot`, a node. Out: `VolumePlan`. Pure. Rules: facts/statefulset.md 7.1 (matching), 7.6 (scheduler).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moorage.api import labels, quantity
from moorage.api.nodematching import takes_node
from moorage.api.refs import ObjectKey
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim, StorageClass
from moorage.scheduler.snapshot import ClaimFacts, NodeState, Snapshot, class_of

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


@dataclass(frozen=True, slots=True)
class VolumePlan:
    """What has to happen to the pod's claims before it may be bound to its node.

    Args:
        bind: volume name → the claim that takes it.
        make: claims whose volume is to be made on the node.
        wait: claims, those of `bind` and `make` included, that must be bound first.
    """

    bind: Mapping[str, ObjectKey] = field(default_factory=dict)
    make: tuple[ObjectKey, ...] = ()
    wait: tuple[ObjectKey, ...] = ()


def is_bound(claim: PersistentVolumeClaim) -> bool:
    """Return whether the claim has its volume for good."""
    return bool(claim.spec.volume_name) and BIND_COMPLETED in claim.metadata.annotations


def waits(facts: ClaimFacts) -> bool:
    """Return whether an unbound claim waits for a pod to be scheduled, and nothing has begun to bind it."""
    claim, storage_class = facts.claim, facts.storage_class
    return bool(claim and not claim.spec.volume_name and storage_class is not None and storage_class.waits_for_consumer)


def reaches(volume: PersistentVolume, node: NodeState) -> bool:
    """Return whether a volume can be had on a node."""
    affinity = volume.spec.node_affinity
    return affinity is None or affinity.required is None or takes_node(affinity.required, node.name, node.labels)


def plan(snapshot: Snapshot, node: NodeState) -> VolumePlan | None:
    """Return what the pod's claims need on `node`, None where they cannot be had there."""
    namespace = snapshot.pod.key.namespace
    waiting = [facts for facts in snapshot.claims if facts.claim and not is_bound(facts.claim)]
    bind: dict[str, ObjectKey] = {}
    make: list[ObjectKey] = []
    for facts in sorted(waiting, key=_size):
        key = ObjectKey(namespace, facts.name)
        if facts.node:
            if facts.node != node.name:
                return None
            make.append(key)
            continue
        volume = match(facts, snapshot.volumes, node, bind)
        if volume is not None:
            bind[volume.metadata.name] = key
        elif _can_be_made(facts.storage_class, node):
            make.append(key)
        else:
            return None
    return VolumePlan(bind, tuple(make), tuple(ObjectKey(namespace, facts.name) for facts in waiting))


def match(
    facts: ClaimFacts, volumes: Iterable[PersistentVolume], node: NodeState, taken: Mapping[str, ObjectKey]
) -> PersistentVolume | None:
    """Return the volume a claim would take on a node: the one that names it, else the closest and smallest."""
    claim = facts.claim
    if claim is None:
        return None
    suitable = [one for one in volumes if one.metadata.name not in taken and _serves(one, claim)]
    own = next((one for one in suitable if one.spec.claim_ref), None)
    if own is not None:
        return own if reaches(own, node) else None
    wanted = claim.spec.selector
    chosen = [one for one in suitable if one.status.phase == "Available" and reaches(one, node)]
    if wanted is not None:
        selector = labels.from_document(
            {
                "matchLabels": wanted.match_labels,
                "matchExpressions": [
                    {"key": one.key, "operator": one.operator, "values": one.values} for one in wanted.match_expressions
                ],
            }
        )
        chosen = [one for one in chosen if selector.matches(one.metadata.labels)]
    return min(chosen, key=lambda one: (len(one.spec.access_modes), _capacity(one), one.metadata.name), default=None)


def _serves(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Return whether a volume is free for a claim or kept for it, and is large and able enough."""
    spec = volume.spec
    ref = spec.claim_ref
    if ref is not None and not (
        (ref.namespace, ref.name) == (claim.metadata.namespace, claim.metadata.name)
        and ref.uid in ("", claim.metadata.uid)
    ):
        return False
    return (
        not volume.metadata.deleting
        and set(claim.spec.access_modes) <= set(spec.access_modes)
        and (spec.volume_mode or "Filesystem") == (claim.spec.volume_mode or "Filesystem")
        and _capacity(volume) >= _request(claim)
        and (ref is not None or spec.storage_class_name == class_of(claim))
    )


def _can_be_made(storage_class: StorageClass | None, node: NodeState) -> bool:
    if storage_class is None or storage_class.provisioner in ("", NO_PROVISIONER):
        return False
    terms = storage_class.allowed_topologies
    return not terms or any(
        all(node.labels.get(one.key) in one.values for one in term.match_label_expressions) for term in terms
    )


def _size(facts: ClaimFacts) -> int:
    return _request(facts.claim) if facts.claim else 0


def _request(claim: PersistentVolumeClaim) -> int:
    return quantity.parse(str(claim.spec.resources.requests.get("storage", "0"))).nanos


def _capacity(volume: PersistentVolume) -> int:
    return quantity.parse(str(volume.spec.capacity.get("storage", "0"))).nanos

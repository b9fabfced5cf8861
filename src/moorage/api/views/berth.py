"""Berths: what a controller of numbered pods judges of one pod or claim, worked out once per change.

In: views of pods and claims. Out: `PodBerth` and `ClaimBerth`, which the views keep.
A set of 1,000 pods is judged by looking at its few distinct `mark`s, not at 1,000 documents: two pods of a set
with the same mark differ only in ordinal, uid and times. Source of the rules: facts/statefulset.md 1.3, 1.7, 1.10.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moorage.api import removal
from moorage.api.views.meta import OwnerReference

if TYPE_CHECKING:
    from moorage.api.views.pod import Pod
    from moorage.api.views.storage import PersistentVolumeClaim

MAX_ORDINAL = 2**31 - 1
"""Ordinals are int32 upstream; larger digits leave a pod claimed but ignored."""
POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
POD_INDEX_LABEL = "apps.kubernetes.io/pod-index"
REVISION_LABEL = "controller-revision-hash"
_OWN_LABELS = frozenset((POD_NAME_LABEL, POD_INDEX_LABEL))
_SEPARATOR = "\x1f"


def split_ordinal(name: str) -> tuple[str, int]:
    """Split a name into (parent, ordinal) at its last dash followed by decimal digits only.

    Returns:
        ("", -1) where the name has no such end; (parent, -1) where the digits do not fit int32.
    """
    parent, dash, digits = name.rpartition("-")
    if not dash or not digits.isdecimal() or not digits.isascii():
        return "", -1
    ordinal = int(digits[-4000:])
    return parent, ordinal if ordinal <= MAX_ORDINAL else -1


@dataclass(frozen=True, slots=True)
class PodBerth:
    """One pod as its set sees it.

    Args:
        name: pod name.
        parent: name without its ordinal, "" if it has none.
        ordinal: -1 if it has none that fits int32.
        canonical: the name is exactly parent, dash, ordinal (`web-01` is not).
        named: the pod-name label equals the name.
        controller: uid of the controller owner, "" for an orphan.
        phase: status.phase; a stored pod without one counts as Pending.
        ready: phase Running and condition Ready=True.
        ready_since: when Ready last changed, seconds since the epoch; None if unknown.
        deleting: has a deletionTimestamp.
        revision: the revision label, "" if absent.
        claims: (volume name, claim name) of every claim volume, the pod's own name in claim names cut off.
        leaving: it is asked to prepare for its removal.
        labels: all labels but the pod's own name and index.
        mark: text that is equal for pods equal in all of the above but name, ordinal and time.
    """

    name: str
    parent: str
    ordinal: int
    canonical: bool
    named: bool
    controller: str
    phase: str
    ready: bool
    ready_since: float | None
    deleting: bool
    revision: str
    claims: tuple[tuple[str, str], ...]
    labels: Mapping[str, str]
    leaving: bool
    mark: str


@dataclass(frozen=True, slots=True)
class ClaimBerth:
    """One claim as its set sees it.

    Args:
        name: claim name.
        stem: name without its ordinal, "" if it has none.
        ordinal: -1 if it has none.
        deleting: has a deletionTimestamp.
        owners: owner references in order.
        mark: text that is equal for claims equal in `deleting` and `owners`.
    """

    name: str
    stem: str
    ordinal: int
    deleting: bool
    owners: tuple[OwnerReference, ...]
    mark: str


def pod_berth(pod: "Pod") -> PodBerth:
    """Work out the berth of a pod."""
    metadata, status = pod.metadata, pod.status
    name, labels, controller = metadata.name, metadata.labels, metadata.controller
    parent, ordinal = split_ordinal(name)
    phase = status.phase or "Pending"
    ready = pod.condition("Ready")
    since = ready.last_transition_time if ready else None
    fields: dict[str, Any] = {
        "parent": parent,
        "canonical": name == f"{parent}-{ordinal}",
        "named": labels.get(POD_NAME_LABEL) == name,
        "controller": controller.uid if controller else "",
        "phase": phase,
        "ready": phase == "Running" and ready is not None and ready.status == "True",
        "deleting": metadata.deleting,
        "revision": labels.get(REVISION_LABEL, ""),
        "claims": tuple(_claims(pod)),
        "labels": {key: labels[key] for key in sorted(labels) if key not in _OWN_LABELS},
        "leaving": removal.REQUEST in metadata.annotations,
    }
    mark = sys.intern(_SEPARATOR.join(map(repr, (*fields.values(), ordinal >= 0))))
    return PodBerth(name=name, ordinal=ordinal, ready_since=since.timestamp() if since else None, mark=mark, **fields)


def claim_berth(claim: "PersistentVolumeClaim") -> ClaimBerth:
    """Work out the berth of a claim."""
    metadata = claim.metadata
    stem, ordinal = split_ordinal(metadata.name)
    mark = sys.intern(f"{metadata.deleting}{_SEPARATOR}{metadata.owner_references!r}")
    return ClaimBerth(metadata.name, stem, ordinal, metadata.deleting, metadata.owner_references, mark)


def _claims(pod: "Pod") -> Iterator[tuple[str, str]]:
    """Return the claim volumes with the pod's own name cut off, so that equal pods of a set give equal answers."""
    name = pod.metadata.name
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim:
            claim = volume.persistent_volume_claim.claim_name
            yield volume.name, claim.removesuffix(name) if claim.endswith(f"-{name}") else f"{claim} "

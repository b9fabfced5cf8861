"""Why a StatefulSet is not further, from its objects alone: where its controller's ledger is not at hand, or not ours.

In: a set and the picture. Out: `Found`s, berth by berth; an ordered set is told by its first one that is missing or broken.
What its controller would do follows from the rules of fact sheet statefulset.md 1.6.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.scheme import PODS, STATEFULSETS
from moorage.why import pod, refusals
from moorage.why.gate import Found, Ref, ref_of
from moorage.why.picture import Picture

_REVISION = "controller-revision-hash"
_NO_PARTITION = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'


def reasons(owner: Document, picture: Picture) -> Iterator[Found]:
    """Find what holds a set back."""
    own = ref_of(STATEFULSETS, owner)
    observed = meta.observed_generation(owner)
    if observed < meta.generation(owner):
        text = f"generation {meta.generation(owner)}, observed {observed}"
        yield Found("NotObserved", own, text, _created(owner))
    one_at_a_time = owner["spec"].get("podManagementPolicy") != "Parallel"
    for held in _berths(owner, picture):
        yield from held
        if held and one_at_a_time:
            return
    yield from _outdated(owner, picture)


def _berths(owner: Document, picture: Picture) -> Iterable[Sequence[Found]]:
    """Return what is told of each berth, lowest first; then of the pods out of range."""
    own, spec = ref_of(STATEFULSETS, owner), owner["spec"]
    present = {meta.name(one): one for one in picture.controlled(PODS, owner)}
    start = (spec.get("ordinals") or {}).get("start") or 0
    wanted = spec.get("replicas")
    for ordinal in range(start, start + (1 if wanted is None else wanted)):
        name = f"{own.name}-{ordinal}"
        document = present.pop(name, None)
        yield [*_missing(owner, name, picture)] if document is None else _of_pod(owner, document, picture)
    for document in present.values():
        yield _of_pod(owner, document, picture)


def _of_pod(owner: Document, document: Document, picture: Picture) -> list[Found]:
    """Return a pod's own gates; one at an old revision comes back at the new one only if it is deleted (#67250)."""
    own = ref_of(STATEFULSETS, owner)
    found = [one.below(own) for one in pod.reasons(document, picture)]
    update = _update_revision(owner)
    if not _is_outdated(document, update) or meta.is_deleting(document):
        return found
    command = f"kubectl delete pod {meta.name(document)} -n {own.namespace}"
    return [replace(one, opens=f"it comes back at revision {update}", command=command) for one in found]


def _missing(owner: Document, name: str, picture: Picture) -> Iterator[Found]:
    """Find why a pod is not there: the API refused it, somebody else has its name, or its controller is to make it."""
    own = ref_of(STATEFULSETS, owner)
    culprit = Ref(PODS.kind, own.namespace, name)
    event = picture.warning(owner, "FailedCreate") or {}
    refused = [*refusals.of(str(event.get("message") or ""), own, str(event.get("firstTimestamp") or ""), "sts")]
    yield from refused
    if picture.get(PODS, own.namespace, name) is not None:
        command = f"kubectl delete pod {name} -n {own.namespace}"
        yield Found(
            "NameTaken", culprit, "a pod of that name exists, not controlled by the set", command=command
        ).below(own)
    elif not refused:
        yield Found("PodMissing", culprit, "not created yet").below(own)


def _outdated(owner: Document, picture: Picture) -> Iterator[Found]:
    """Find outdated pods that the set itself asks to keep: below the partition, or until they are deleted."""
    own, spec = ref_of(STATEFULSETS, owner), owner["spec"]
    update = _update_revision(owner)
    names = sorted(meta.name(one) for one in picture.controlled(PODS, owner) if _is_outdated(one, update))
    strategy = spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    holds = f"update {', '.join(names[:5])}"
    if names and strategy.get("type") == "OnDelete":
        command = f"kubectl delete pod {names[-1]} -n {own.namespace}"
        yield Found("OnDelete", own, "updateStrategy OnDelete", command=command, holds=holds)
    elif names and partition:
        command = f"kubectl patch sts {own.name} -n {own.namespace} -p '{_NO_PARTITION}'"
        yield Found("PartitionHolds", own, f"partition {partition}", command=command, holds=holds)


def _is_outdated(document: Document, update: str) -> bool:
    return bool(update) and meta.labels(document).get(_REVISION) not in (None, update)


def _update_revision(owner: Document) -> str:
    return str((owner.get("status") or {}).get("updateRevision") or "")


def _created(owner: Document) -> str:
    return str(meta.metadata(owner).get("creationTimestamp") or "")

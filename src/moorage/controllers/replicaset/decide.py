"""One decision about a replica set: claim pods, make or remove some, report.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure. Upstream: syncReplicaSet (1.32).
"""

import datetime
from functools import partial
from typing import Any

from moorage.api import conditions, meta, owners
from moorage.api.refs import Document
from moorage.api.scheme import PODS, REPLICASETS
from moorage.base.limits import BURST_WRITES
from moorage.controllers.podsteps import creation, deletion
from moorage.controllers.replicaset import choice, status
from moorage.controllers.replicaset.snapshot import Snapshot, berth
from moorage.informer.cache import Cached
from moorage.reconcile import adoption
from moorage.reconcile.actions import Action, Batch
from moorage.reconcile.plan import Culprit, Gate, Plan

_HAIR = 0.001
"""Added to the instant a pod turns available, seconds: the comparison is strict."""


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return what is wanted for a replica set now. Adoption is a plan of its own: the rest waits until caches show it."""
    writes = _claims(snapshot)
    if writes:
        return Plan(steps=writes)
    steps = () if snapshot.owner.view.metadata.deleting else _changes(snapshot, now)
    ahead = status.ripening(snapshot, now)
    return Plan(
        steps=(Batch(steps),) if steps else (),
        status=status.write(snapshot, now),
        status_if_failed=partial(status.failed, snapshot, now) if steps else None,
        gates=_gates(snapshot, now),
        wake_after=min(ahead) + _HAIR if ahead else None,
    )


def pod_document(owner: Cached[Any]) -> Document:
    """Return a new pod of a replica set; the API gives it its name."""
    template = owner.view.spec.template
    metadata: Document = {
        "generateName": f"{owner.key.name}-",
        "namespace": owner.key.namespace,
        "labels": dict(meta.labels(template)),
        "ownerReferences": [owners.controller_reference(owner.document, REPLICASETS)],
    }
    if meta.annotations(template):
        metadata["annotations"] = dict(meta.annotations(template))
    if meta.finalizers(template):
        metadata["finalizers"] = list(meta.finalizers(template))
    return {"apiVersion": PODS.api_version, "kind": PODS.kind, "metadata": metadata, "spec": template.get("spec") or {}}


def _claims(snapshot: Snapshot) -> tuple[Action, ...]:
    """Return adoptions and releases; where every mark fits and nobody waits to be adopted, no pod is looked at."""
    fits = (snapshot.selector.matches(one.labels) for one in snapshot.examples.values())
    if not snapshot.orphans and all(fits):
        return ()
    wish = adoption.Claim(snapshot.owner, REPLICASETS, PODS, lambda pod: snapshot.selector.matches(berth(pod).labels))
    return adoption.claim(wish, (*snapshot.pods, *snapshot.orphans)).writes


def _changes(snapshot: Snapshot, now: datetime.datetime) -> tuple[tuple[Action, ...], ...]:
    surplus = snapshot.surplus
    if surplus < 0:
        return ((creation(snapshot.owner, pod_document(snapshot.owner)),),) * min(-surplus, BURST_WRITES)
    doomed = choice.doomed(snapshot.pods, snapshot.related, min(surplus, BURST_WRITES), now) if surplus else []
    return tuple((deletion(snapshot.owner, pod),) for pod in doomed)


def _gates(snapshot: Snapshot, now: datetime.datetime) -> tuple[Gate, ...]:
    """Say what the last try failed with, and which pods are not available yet."""
    owner = snapshot.owner
    me = Culprit(REPLICASETS.kind, owner.key, owner.view.metadata.uid)
    failure = conditions.find(conditions.conditions(owner.document), status.FAILURE)
    if failure is not None and snapshot.surplus:
        verb = "create" if snapshot.surplus < 0 else "delete"
        holds = f"{verb} {abs(snapshot.surplus)} Pods"
        return (Gate("WriteRefused", holds, me, failure.get("message", ""), "the API accepts it; it is tried again"),)
    ahead = status.ripening(snapshot, now)
    if ahead:
        holds, seconds = f"{len(ahead)} Pods are available", f"{max(ahead):.0f} s left"
        return (Gate("MinReadySeconds", holds, me, seconds, "time"),)
    return ()

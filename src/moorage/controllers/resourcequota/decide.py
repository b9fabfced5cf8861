"""One decision about a quota: add up what its namespace uses.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure. Upstream: syncResourceQuota (1.32).
"""

import datetime
from collections.abc import Iterator

from moorage.api.quantity import Quantity
from moorage.api.quota import scopes, usage
from moorage.api.quota.amounts import Amounts, only, parsed, plus, written
from moorage.api.refs import Document
from moorage.api.scheme import PODS, RESOURCEQUOTAS
from moorage.controllers.resourcequota.snapshot import Snapshot
from moorage.reconcile.actions import Update
from moorage.reconcile.plan import Culprit, Gate, Plan

_HAIR = 0.001
"""Added to the instant a pod counts as stuck, seconds: the comparison is strict."""


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Write what is used, where the status says otherwise."""
    document = snapshot.quota.document
    hard = parsed((document.get("spec") or {}).get("hard"))
    used = _used(snapshot, hard, now)
    wanted: Document = {"hard": written(hard), "used": written(used)}
    differs = {key: value for key, value in wanted.items() if value} != (document.get("status") or {})
    write = Update(RESOURCEQUOTAS, {**document, "status": wanted}, "status") if differs else None
    return Plan(status=write, gates=tuple(_gates(snapshot, hard, used)), wake_after=_next_stuck(snapshot, now))


def _used(snapshot: Snapshot, hard: Amounts, now: datetime.datetime) -> Amounts:
    spec = snapshot.quota.document.get("spec") or {}
    used: Amounts = {}
    for resource, objects in snapshot.objects.items():
        counted = usage.names_of(resource, hard)
        used = plus(dict.fromkeys(counted, Quantity(0)), used)
        for one in objects:
            if scopes.covers(spec, resource, one.document):
                used = plus(used, only(usage.of(resource, one.document, now), counted))
    return used


def _gates(snapshot: Snapshot, hard: Amounts, used: Amounts) -> Iterator[Gate]:
    key, uid = snapshot.quota.key, snapshot.quota.view.metadata.uid
    full = [name for name in sorted(hard) if name in used and used[name] >= hard[name]]
    if full:
        evidence = ", ".join(f"{name}: {used[name]}/{hard[name]}" for name in full)
        opens = f"something goes, or: kubectl edit quota {key.name} -n {key.namespace}"
        yield Gate("QuotaFull", "more of what it counts", Culprit(RESOURCEQUOTAS.kind, key, uid), evidence, opens)


def _next_stuck(snapshot: Snapshot, now: datetime.datetime) -> float | None:
    """Return in how many seconds the next pod that is being deleted no longer counts."""
    ends = (usage.stuck_after(pod.document) for pod in snapshot.objects.get(PODS, ()))
    left = [(end - now).total_seconds() + _HAIR for end in ends if end is not None and end >= now]
    return min(left, default=None)

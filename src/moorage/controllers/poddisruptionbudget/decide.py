"""One decision about a budget: how many pods it covers, how many are healthy, how many may go.

In: `Snapshot` and the instant. Out: `Plan`; next room `reconcile.apply`. Pure. Upstream: trySync (1.32).
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from moorage.api.labels import go_text
from moorage.api.refs import Document
from moorage.api.scheme import PODDISRUPTIONBUDGETS
from moorage.api.shares import scaled
from moorage.base.limits import DISRUPTION_SECONDS
from moorage.controllers.poddisruptionbudget import status
from moorage.controllers.poddisruptionbudget.snapshot import Snapshot
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Emit
from moorage.reconcile.plan import Culprit, Gate, Plan

_PATIENCE = datetime.timedelta(seconds=DISRUPTION_SECONDS)
_HAIR = 0.001
"""Added to the instant an eviction counts as not carried out, seconds: the comparison is strict."""
_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. "
    "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. "
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
)


def decide(snapshot: Snapshot, now: datetime.datetime) -> Plan:
    """Return what is to be said of a budget now; where its pods cannot be counted, nothing may go."""
    if snapshot.problem:
        told = _told(snapshot, "Warning", "NoPods", f"Failed to get pods: {snapshot.problem}")
        return _failed(snapshot, (told,), snapshot.problem, now)
    problem = snapshot.scale.problem if snapshot.scale is not None else ""
    if problem:
        text = f"Failed to calculate the number of expected pods: {problem}"
        told = _told(snapshot, "Warning", "CalculateExpectedPodCountFailed", text)
        return _failed(snapshot, (told,), problem, now)
    expected, desired = _counted(snapshot)
    disrupted = _disrupted(snapshot, now)
    healthy = sum(_is_healthy(pod, disrupted, now) for pod in snapshot.pods)
    counts = {"currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": expected}
    kept = (snapshot.budget.document.get("status") or {}).get("disruptedPods") or {}
    write = status.write(snapshot, counts, {name: kept[name] for name in disrupted}, now)
    return Plan(
        steps=(*_remarks(snapshot), *_overdue(snapshot, disrupted), *(_rivals(snapshot) if write else ())),
        status=write,
        gates=(_gate(snapshot, f"{healthy} healthy, {desired} wanted"),) if healthy <= desired else (),
        wake_after=_recheck(disrupted.values(), now),
    )


def _failed(snapshot: Snapshot, told: tuple[Emit, ...], problem: str, now: datetime.datetime) -> Plan:
    return Plan(told, status.failed(snapshot, problem, now), gates=(_gate(snapshot, problem),))


def _counted(snapshot: Snapshot) -> tuple[int, int]:
    """Return (pods expected, pods that must stay healthy); percentages are rounded up."""
    spec = snapshot.budget.view.spec
    if snapshot.scale is not None:
        expected = snapshot.scale.pods
        if spec.max_unavailable is not None:
            return expected, max(0, expected - scaled(spec.max_unavailable, expected, up=True))
        return expected, scaled(spec.min_available, expected, up=True)
    return (0, 0) if spec.min_available is None else (len(snapshot.pods), spec.min_available)


def _disrupted(snapshot: Snapshot, now: datetime.datetime) -> dict[str, datetime.datetime]:
    """Return the pods that an eviction was granted for and that may still go, with the instant of the grant."""
    granted = snapshot.budget.view.status.disrupted_pods
    if not granted:
        return {}
    present = {pod.key.name for pod in snapshot.pods if not pod.view.metadata.deleting}
    return {name: at for name, at in granted.items() if name in present and at + _PATIENCE >= now}


def _is_healthy(pod: Cached[Any], disrupted: Mapping[str, datetime.datetime], now: datetime.datetime) -> bool:
    if pod.view.metadata.deleting or not pod.view.ready_condition:
        return False
    granted = disrupted.get(pod.key.name)
    return granted is None or granted + _PATIENCE <= now


def _recheck(granted: Iterable[datetime.datetime], now: datetime.datetime) -> float | None:
    first = min(granted, default=None)
    return None if first is None else (first + _PATIENCE - now).total_seconds() + _HAIR


def _remarks(snapshot: Snapshot) -> tuple[Emit, ...]:
    if not snapshot.pods:
        return (_told(snapshot, "Normal", "NoPods", "No matching pods found"),)
    if snapshot.scale is not None and snapshot.scale.unmanaged:
        text = _UNMANAGED.format(go_text(snapshot.budget.view.spec.selector or {}))
        return (_told(snapshot, "Warning", "UnmanagedPods", text),)
    return ()


def _overdue(snapshot: Snapshot, disrupted: Mapping[str, datetime.datetime]) -> Iterable[Emit]:
    """Report the pods that were to go and did not."""
    granted = snapshot.budget.view.status.disrupted_pods
    text = f"Pod was expected by PDB {snapshot.budget.key} to be deleted but it wasn't"
    for pod in snapshot.pods:
        if pod.key.name in granted and pod.key.name not in disrupted and not pod.view.metadata.deleting:
            yield Emit(pod.document, "Warning", "NotDeleted", text)


def _rivals(snapshot: Snapshot) -> Iterable[Emit]:
    """Report pods that more than one budget covers: no eviction of them is granted."""
    name = snapshot.budget.key.name
    for pod in snapshot.crowded:
        which = f'Pod "{pod.key.namespace}"/"{pod.key.name}" matches multiple PodDisruptionBudgets.'
        text = f'{which}  Chose "{name}" arbitrarily.'
        yield Emit(pod.document, "Warning", "MultiplePodDisruptionBudgets", text)


def _told(snapshot: Snapshot, kind: Literal["Normal", "Warning"], reason: str, message: str) -> Emit:
    about: Document = snapshot.budget.document
    return Emit(about, kind, reason, message)


def _gate(snapshot: Snapshot, evidence: str) -> Gate:
    budget = snapshot.budget
    me = Culprit(PODDISRUPTIONBUDGETS.kind, budget.key, budget.view.metadata.uid)
    edit = f"kubectl edit pdb {budget.key.name} -n {budget.key.namespace}"
    return Gate("DisruptionBudget", "evict Pods", me, evidence, f"more healthy pods, or a looser budget: {edit}")

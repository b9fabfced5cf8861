"""What happened in a run, one line a state change, as people read it.

In: changes, violations. Out: lines such as `  61.97  r99  manager-1/statefulset-controller  ~ pods default/web-0  Ready→going`.
Leases and events are left out; a violation stands where it was seen.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Violation
from moorage.sim.recording import StateChange
from moorage.sim.sets import REVISION_LABEL, phase, ready

_SILENT = frozenset({"leases", "events"})
_SIGNS = {(True, False): "+", (False, True): "-", (False, False): "~"}


def lines(changes: Sequence[StateChange], violations: Sequence[Violation]) -> Iterator[str]:
    """Yield the history of a run, oldest first."""
    left = sorted(violations, key=lambda one: one.revision)
    for change in changes:
        while left and left[0].revision < change.revision:
            yield complaint(left.pop(0))
        if change.resource not in _SILENT:
            yield _line(change)
    yield from map(complaint, left)


def complaint(violation: Violation) -> str:
    """Return a violation as a line."""
    return f"{violation.instant:8.2f}  r{violation.revision:<5} !! {violation.law}: {violation.text}"


def _line(change: StateChange) -> str:
    sign = _SIGNS[change.before is None, change.after is None]
    before, after = (_state(change.resource, side) for side in (change.before, change.after))
    news = " ".join(_news(before, after))
    what = f"{sign} {change.resource} {change.name}  {news}".rstrip()
    return f"{change.instant:8.2f}  r{change.revision:<5} {change.actor:40} {what}"


def _news(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what differs, `name=old→new`."""
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old != new and after:
            yield f"{name}={new}" if old is None else f"{name}={old}→{new}"


def _state(resource: str, document: Document | None) -> dict[str, Any]:
    """Return what of an object people look at."""
    if document is None:
        return {}
    spec, status = document.get("spec") or {}, document.get("status") or {}
    seen: dict[str, Any] = {"going": meta.is_deleting(document) or None}
    if resource == "pods":
        seen |= {"node": spec.get("nodeName"), "phase": phase(document), "ready": ready(document) is not None}
        seen["revision"] = meta.labels(document).get(REVISION_LABEL)
    if resource == "statefulsets":
        seen |= {"replicas": spec.get("replicas"), "partition": _partition(spec), "image": _image(spec)}
        seen |= {f"status.{name}": status.get(name) for name in ("replicas", "readyReplicas", "currentRevision")}
    if resource == "nodes":
        conditions = status.get("conditions") or ()
        seen["Ready"] = next((one["status"] for one in conditions if one["type"] == "Ready"), None)
        seen["taints"] = ",".join(f"{one['key']}:{one['effect']}" for one in spec.get("taints") or ()) or None
    if resource in ("persistentvolumeclaims", "persistentvolumes"):
        seen |= {"phase": status.get("phase"), "volume": spec.get("volumeName")}
        seen["owners"] = ",".join(one["name"] for one in document["metadata"].get("ownerReferences") or ()) or None
    return seen


def _partition(spec: Document) -> Any:
    return ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition")


def _image(spec: Document) -> Any:
    return spec["template"]["spec"]["containers"][0]["image"]

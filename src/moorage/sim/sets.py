"""The states of each StatefulSet, revision by revision: set, pods and controller revisions together.

In: committed changes. Out: `SetState`s, and those that held between two revisions: what a decider may have seen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.times import parse_time
from moorage.sim.recording import StateChange

REVISION_LABEL = "controller-revision-hash"
_BERTH = re.compile(r"(?P<owner>.+)-(?P<ordinal>\d+)")


@dataclass(frozen=True, slots=True)
class SetState:
    """One set as of a revision. `pods` by ordinal, `revisions` the ControllerRevisions by name."""

    revision: int
    document: Document | None = None
    pods: Mapping[int, Document] = field(default_factory=dict)
    revisions: Mapping[str, Document] = field(default_factory=dict)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The set's spec, empty where there is none."""
        return (self.document or {}).get("spec") or {}

    @property
    def status(self) -> Mapping[str, Any]:
        """The set's status."""
        return (self.document or {}).get("status") or {}

    @property
    def deleting(self) -> bool:
        """Whether the set is gone or going."""
        return self.document is None or meta.is_deleting(self.document)

    @property
    def parallel(self) -> bool:
        """Whether pods need not wait for one another."""
        return self.spec.get("podManagementPolicy") == "Parallel"

    @property
    def start(self) -> int:
        """The first ordinal."""
        return int((self.spec.get("ordinals") or {}).get("start") or 0)

    @property
    def wanted(self) -> range:
        """The ordinals that should exist."""
        return range(self.start, self.start + int(self.spec.get("replicas", 0)))

    @property
    def floor(self) -> int:
        """The lowest ordinal that an update may touch."""
        rolling = (self.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
        return self.start + int(rolling.get("partition") or 0)

    @property
    def newest(self) -> str:
        """Name of the newest ControllerRevision."""
        best = max(self.revisions.values(), key=lambda one: one["revision"], default=None)
        return meta.name(best) if best else ""

    @property
    def owned(self) -> list[Document]:
        """The pods that name the set as their controller."""
        uid = meta.uid(self.document or {})
        owners = ((pod, pod["metadata"].get("ownerReferences") or ()) for pod in self.pods.values())
        return [pod for pod, refs in owners if any(one.get("controller") and one["uid"] == uid for one in refs)]

    def healthy(self, ordinal: int) -> bool:
        """Return whether a pod runs, is Ready, and is not going."""
        pod = self.pods.get(ordinal)
        return pod is not None and is_healthy(pod)

    def available(self, ordinal: int, now: float) -> bool:
        """Return whether a pod is healthy and has been Ready for minReadySeconds at `now`, seconds since the epoch."""
        least = int(self.spec.get("minReadySeconds") or 0)
        return self.healthy(ordinal) and (not least or ready_since(self.pods[ordinal]) + least <= now)


class Sets:
    """Every set's states."""

    def __init__(self) -> None:
        self._states: dict[str, list[SetState]] = {}

    def take(self, change: StateChange) -> None:
        """Take in a committed change."""
        owner = owner_of(change)
        if not owner:
            return
        states = self._states.setdefault(owner, [SetState(0)])
        states.append(_after(states[-1], change))

    def now(self, name: str) -> SetState:
        """Return the newest state of a set."""
        return self._states.get(name, [SetState(0)])[-1]

    def names(self) -> list[str]:
        """Return every set that ever was."""
        return list(self._states)

    def between(self, name: str, seen: int, before: int) -> Iterator[SetState]:
        """Yield each state that held at some revision from `seen` on and before the change at `before`, newest first."""
        for state in reversed(self._states.get(name, [SetState(0)])):
            if state.revision >= before:
                continue
            yield state
            if state.revision <= seen:
                return


def owner_of(change: StateChange) -> str:
    """Return `namespace/name` of the set that a change belongs to, by name; "" for none."""
    if change.resource == "statefulsets":
        return change.name
    if change.resource == "pods":
        found = _BERTH.fullmatch(change.name)
        return found["owner"] if found else ""
    if change.resource == "controllerrevisions":
        return change.name.rpartition("-")[0]
    return ""


def ordinal_of(name: str) -> int:
    """Return the ordinal at the end of a pod's name."""
    return int(name.rpartition("-")[2])


def is_healthy(pod: Document) -> bool:
    """Return whether a pod runs, is Ready, and is not going."""
    return not meta.is_deleting(pod) and runs_ready(pod)


def runs_ready(pod: Document) -> bool:
    """Return whether a pod runs and is Ready, going or not."""
    return phase(pod) == "Running" and ready(pod) is not None


def ready(pod: Document) -> Document | None:
    """Return the Ready condition where it is True."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == "Ready" and one["status"] == "True"), None)


def ready_since(pod: Document) -> float:
    """Return when a pod became Ready, seconds since the epoch; infinity where it is not."""
    found = ready(pod)
    return parse_time(found["lastTransitionTime"]).timestamp() if found else float("inf")


def phase(pod: Document) -> str:
    """Return a pod's phase."""
    return str((pod.get("status") or {}).get("phase") or "Pending")


def _after(state: SetState, change: StateChange) -> SetState:
    if change.resource == "statefulsets":
        return replace(state, revision=change.revision, document=change.after)
    if change.resource == "pods":
        pods = _with(state.pods, ordinal_of(change.name), change.after)
        return replace(state, revision=change.revision, pods=pods)
    revisions = _with(state.revisions, change.name.rpartition("/")[2], change.after)
    return replace(state, revision=change.revision, revisions=revisions)


def _with(known: Mapping[Any, Document], key: Any, after: Document | None) -> Mapping[Any, Document]:
    rest = {name: value for name, value in known.items() if name != key}
    return rest if after is None else {**rest, key: after}

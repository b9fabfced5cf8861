"""A snapshot and its plan as laws see them, worked out without the code that decides.

In: a snapshot, the plan made from it, the instant. Out: `Case`, what laws ask of it. Next rooms `laws`, `ownlaws`.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from moorage.api import meta, owners, revisiondata
from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.api.views.berth import REVISION_LABEL, split_ordinal
from moorage.controllers.statefulset.snapshot import Snapshot
from moorage.reconcile.actions import Action, Batch, Create, Delete, Patch, Update
from moorage.reconcile.plan import Plan

_TERMINAL = ("Failed", "Succeeded")
A = TypeVar("A", Create, Update, Patch, Delete)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of the set as a law sees it."""

    document: Document
    ordinal: int
    available: bool

    @property
    def deleting(self) -> bool:
        """Has a deletionTimestamp."""
        return meta.is_deleting(self.document)

    @property
    def usable(self) -> bool:
        """Available and not going."""
        return self.available and not self.deleting

    @property
    def revision(self) -> str:
        """Its revision label."""
        return meta.labels(self.document).get(REVISION_LABEL, "")

    @property
    def finished(self) -> bool:
        """Failed or Succeeded."""
        return (self.document.get("status") or {}).get("phase") in _TERMINAL


@dataclass(frozen=True)
class Case:
    """A snapshot, its plan, and what laws ask of them again and again."""

    snapshot: Snapshot
    plan: Plan
    now: datetime.datetime

    @property
    def actions(self) -> list[Action]:
        """Every action of the plan, in order."""
        found: list[Action] = []
        for step in (*self.plan.steps, *self.plan.cleanup):
            found.extend(one for sequence in step.sequences for one in sequence) if isinstance(
                step, Batch
            ) else found.append(step)
        return found

    def of(self, kind: type[A]) -> list[A]:
        """Return the actions of one sort."""
        return [one for one in self.actions if isinstance(one, kind)]

    @property
    def pods(self) -> dict[str, Pod]:
        """The set's own pods with a usable name, by name."""
        spec = self.snapshot.spec
        found = {}
        for cached in self.snapshot.pods:
            controller = owners.controller_of(cached.document)
            ordinal = split_ordinal(cached.key.name)[1]
            if controller and controller["uid"] == spec.uid and ordinal >= 0:
                found[cached.key.name] = Pod(cached.document, ordinal, self._available(cached.document))
        return found

    @property
    def in_range(self) -> dict[int, Pod]:
        """Pods whose name is exactly one that the set wants."""
        name = self.snapshot.spec.name
        wanted = {f"{name}-{ordinal}": ordinal for ordinal in self.snapshot.spec.ordinals}
        return {wanted[pod]: one for pod, one in self.pods.items() if pod in wanted}

    @property
    def condemned(self) -> list[Pod]:
        """Pods out of range."""
        return [one for one in self.pods.values() if one.ordinal not in self.snapshot.spec.ordinals]

    @property
    def update(self) -> str:
        """Name of the newest revision that stands for the template."""
        data = revisiondata.data_of(self.snapshot.spec.template)
        same = [one for one in self.snapshot.revisions if revisiondata.same_meaning(one.document["data"], data)]
        return same[-1].key.name if same else ""

    @property
    def current(self) -> str:
        """Name of the current revision."""
        named = self.snapshot.spec.status.get("currentRevision")
        return next((one.key.name for one in self.snapshot.revisions if one.key.name == named), self.update)

    @property
    def created(self) -> list[tuple[int, Document]]:
        """(ordinal, document) of every pod the plan creates."""
        made = [one.document for one in self.of(Create) if one.resource == PODS]
        return [(split_ordinal(meta.name(one))[1], one) for one in made]

    @property
    def paused(self) -> bool:
        """Whether the set asks that its rollouts stand still."""
        return meta.annotations(self.snapshot.spec.document).get("moorage.dev/paused", "") not in ("", "false")

    @property
    def canaries(self) -> set[int]:
        """The only ordinals a rolling update may take, none: all."""
        if self.snapshot.spec.strategy != "RollingUpdate":
            return set()
        given = meta.annotations(self.snapshot.spec.document).get("moorage.dev/canary", "")
        return {int(one) for one in given.split(",") if one}

    @property
    def takes_down(self) -> bool:
        """Whether the set takes its pods along when it is deleted."""
        document = self.snapshot.spec.document
        asked = meta.annotations(document).get("moorage.dev/ordered-delete") == "true"
        return asked and self.snapshot.spec.deleting and "moorage.dev/ordered-delete" in meta.finalizers(document)

    @property
    def mends(self) -> bool:
        """Whether the set asks that broken outdated pods go at once."""
        return bool(
            {"moorage.dev/unstick", "moorage.dev/reverted"} & set(meta.annotations(self.snapshot.spec.document))
        )

    @property
    def deleted(self) -> list[Pod]:
        """Every own pod the plan deletes."""
        return [
            self.pods[one.key.name] for one in self.of(Delete) if one.resource == PODS and one.key.name in self.pods
        ]

    @property
    def replaced(self) -> list[Pod]:
        """Pods in range deleted for their revision: neither finished nor condemned, nor taken along by their set."""
        if self.takes_down:
            return []
        wanted = [id(one.document) for one in self.in_range.values()]
        return [one for one in self.deleted if id(one.document) in wanted and not one.finished]

    def _available(self, document: Document) -> bool:
        status = document.get("status") or {}
        ready: Document = next((one for one in status.get("conditions") or () if one["type"] == "Ready"), {})
        if status.get("phase") != "Running" or ready.get("status") != "True":
            return False
        seconds = self.snapshot.spec.min_ready_seconds
        if not seconds:
            return True
        since = ready.get("lastTransitionTime")
        if not since:
            return False
        return datetime.datetime.fromisoformat(since) + datetime.timedelta(seconds=seconds) < self.now


Law = Callable[[Case], Iterator[str]]

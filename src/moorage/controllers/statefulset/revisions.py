"""Choosing the current and the update revision, making one where the template is new, and truncating history.

In: `Snapshot`. Out: `Choice`, and deletions for old revisions. Source: facts/statefulset.md 1.4, reliability OR10.
A write of a revision is a plan of its own, so no pod ever carries the name of a revision that does not exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api import meta, owners, revisiondata
from moorage.api.refs import Document
from moorage.api.scheme import CONTROLLERREVISIONS, STATEFULSETS
from moorage.controllers.statefulset.snapshot import PodCached, RevisionCached, Snapshot, pod_berth
from moorage.controllers.statefulset.spec import SetSpec
from moorage.reconcile.actions import Create, Delete, Update

HASH_LABEL = "controller.kubernetes.io/hash"


@dataclass(frozen=True, slots=True)
class Choice:
    """The two revisions a set is between.

    Args:
        current, update: names of the revisions, equal when no update is in progress.
        current_template, update_template: the pod templates they stand for.
        collisions: status.collisionCount.
        writes: what must be written before anything else.
    """

    current: str
    update: str
    current_template: Mapping[str, Any]
    update_template: Mapping[str, Any]
    collisions: int
    writes: tuple[Create | Update, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether no update is in progress."""
        return self.current == self.update


def choose(snapshot: Snapshot) -> Choice:
    """Choose the revisions (1.4, steps 1 to 6)."""
    spec = snapshot.spec
    data = revisiondata.data_of(spec.template)
    collisions = spec.status.get("collisionCount") or 0
    existing = _existing(snapshot, data)
    if existing is not None:
        writes = _promotion(snapshot, existing)
        return _choice(snapshot, existing.key.name, existing.document.get("data") or {}, collisions, writes)
    if spec.deleting:
        return _leaving(spec, collisions)
    name, collisions, write = _fresh(snapshot, data, collisions)
    return _choice(snapshot, name, data, collisions, write)


def truncation(
    snapshot: Snapshot, choice: Choice, pods: Iterable[PodCached], kept: Iterable[str] = ()
) -> tuple[Delete, ...]:
    """Return deletions of the oldest revisions that are not live, beyond the limit; live ones do not count.

    Args:
        pods: every pod the set controls: the revision a pod carries is live.
        kept: names of revisions that pods come back at.
    """
    limit = snapshot.spec.history_limit
    if limit is None or len(snapshot.revisions) <= limit:
        return ()
    live = {choice.current, choice.update, *(pod_berth(pod).revision for pod in pods), *kept}
    dead = [one for one in snapshot.revisions if one.key.name not in live]
    excess = dead[: max(0, len(dead) - limit)]
    return tuple(
        Delete(
            CONTROLLERREVISIONS,
            one.key,
            meta.uid(one.document),
            resource_version=meta.resource_version(one.document),
        )
        for one in excess
    )


def _existing(snapshot: Snapshot, data: Document) -> RevisionCached | None:
    """Return the newest revision that stands for the template as it is now."""
    for revision in reversed(snapshot.revisions):
        if revisiondata.same(revision.document.get("data") or {}, data):
            return revision
    newest = snapshot.revisions[-1] if snapshot.revisions else None
    if newest is not None and revisiondata.same_meaning(newest.document.get("data") or {}, data):
        return newest
    return None


def _promotion(snapshot: Snapshot, revision: RevisionCached) -> tuple[Update, ...]:
    """Give an older revision the next number (a rollback); nothing where it is the newest already."""
    newest = snapshot.revisions[-1]
    if newest.key == revision.key or snapshot.spec.deleting:
        return ()
    if revisiondata.same(newest.document.get("data") or {}, revision.document.get("data") or {}):
        return ()
    promoted = {**revision.document, "revision": _number(newest) + 1}
    return (Update(CONTROLLERREVISIONS, promoted),)


def _fresh(snapshot: Snapshot, data: Document, collisions: int) -> tuple[str, int, tuple[Create, ...]]:
    """Return (name, collisions, creation) for a template that has no revision yet."""
    spec = snapshot.spec
    text = revisiondata.encode(data)
    taken = {one.key.name: one for one in (*snapshot.revisions, *snapshot.namesakes)}
    while True:
        name = revisiondata.name_of(spec.name, revisiondata.hash_of(text, collisions))
        holder = taken.get(name)
        if holder is None:
            return name, collisions, (Create(CONTROLLERREVISIONS, _document(snapshot, name, text, data)),)
        if revisiondata.same(holder.document.get("data") or {}, data):
            return name, collisions, ()
        collisions += 1


def _leaving(spec: SetSpec, collisions: int) -> Choice:
    """Return what the status last said: a set that goes makes no revision, its collector would only remove it again."""
    update = spec.status.get("updateRevision") or ""
    return Choice(spec.status.get("currentRevision") or update, update, spec.template, spec.template, collisions)


def _document(snapshot: Snapshot, name: str, text: bytes, data: Document) -> Document:
    """Return a new revision; its hash label keeps the value without collisions."""
    spec = snapshot.spec
    newest = snapshot.revisions[-1] if snapshot.revisions else None
    metadata: Document = {
        "name": name,
        "namespace": spec.key.namespace,
        "labels": {**meta.labels(spec.template), HASH_LABEL: revisiondata.hash_of(text, 0)},
        "ownerReferences": [owners.controller_reference(spec.document, STATEFULSETS)],
    }
    if meta.annotations(spec.document):
        metadata["annotations"] = dict(meta.annotations(spec.document))
    return {
        "apiVersion": CONTROLLERREVISIONS.api_version,
        "kind": CONTROLLERREVISIONS.kind,
        "metadata": metadata,
        "data": data,
        "revision": _number(newest) + 1,
    }


def _number(revision: RevisionCached | None) -> int:
    return (revision.document.get("revision") or 0) if revision else 0


def _choice(
    snapshot: Snapshot, name: str, data: Mapping[str, Any], collisions: int, writes: tuple[Create | Update, ...]
) -> Choice:
    template = revisiondata.template_of(data)
    current = _current(snapshot.spec, snapshot.revisions)
    if current is None:
        return Choice(name, name, template, template, collisions, writes)
    current_template = revisiondata.template_of(current.document.get("data") or {})
    return Choice(current.key.name, name, current_template, template, collisions, writes)


def _current(spec: SetSpec, revisions: tuple[RevisionCached, ...]) -> RevisionCached | None:
    """Return the revision status.currentRevision names, None where it got lost or there was none yet."""
    wanted = spec.status.get("currentRevision")
    return next((one for one in revisions if one.key.name == wanted), None)

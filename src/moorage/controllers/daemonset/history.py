"""The revisions of a daemon set: the one of its template as it is now, and the others.

In: `Snapshot`. Out: `History`, and the deletions of old ones. A write of a revision is a plan of its own, so that no pod carries
the hash of a revision that does not exist. Source: constructHistory, snapshot, cleanupHistory (1.32).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import meta, owners, revisiondata, templatehash
from moorage.api.refs import Document
from moorage.api.scheme import CONTROLLERREVISIONS, DAEMONSETS, PODS
from moorage.controllers.daemonset.snapshot import Snapshot
from moorage.controllers.daemonset.template import HASH_LABEL
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Action, Create, Delete, Patch, Update


@dataclass(frozen=True, slots=True)
class History:
    """The outcome.

    Args:
        hash: what pods of the present template are labelled with.
        old: the other revisions, oldest first.
        writes: what must be written before anything else.
        collides: the name of the revision is taken by one of another template: count the collision first.
    """

    hash: str = ""
    old: tuple[Cached[Any], ...] = ()
    writes: tuple[Action, ...] = ()
    collides: bool = False


def choose(snapshot: Snapshot) -> History:
    """Find the revision of the present template, or have it made."""
    data = revisiondata.data_of(snapshot.owner.view.spec.template)
    unlabelled = tuple(_labelled(one) for one in snapshot.revisions if HASH_LABEL not in meta.labels(one.document))
    if unlabelled:
        return History(writes=unlabelled)
    ordered = sorted(snapshot.revisions, key=lambda one: (_number(one), one.key.name))
    current = [one for one in ordered if revisiondata.same(one.document.get("data") or {}, data)]
    old = tuple(one for one in ordered if one not in current)
    number = max(map(_number, old), default=0) + 1
    if not current:
        return _fresh(snapshot, data, number, old)
    keep, duplicates = current[-1], current[:-1]
    chosen = meta.labels(keep.document)[HASH_LABEL]
    writes: list[Action] = []
    if duplicates:
        writes += [_moved(pod, chosen) for pod in snapshot.pods if meta.labels(pod.document).get(HASH_LABEL) != chosen]
        writes += [_deletion(one) for one in duplicates]
    if _number(keep) < number:
        writes.append(Update(CONTROLLERREVISIONS, {**keep.document, "revision": number}))
    return History(chosen, old, tuple(writes))


def truncation(snapshot: Snapshot, history: History) -> tuple[Delete, ...]:
    """Return deletions of the oldest revisions beyond the limit; those that pods still carry stay."""
    limit = snapshot.owner.view.spec.revision_history_limit
    surplus = 0 if limit is None else len(history.old) - limit
    if surplus <= 0:
        return ()
    live = {meta.labels(pod.document).get(HASH_LABEL) for pod in snapshot.pods}
    dead = [one for one in history.old if meta.labels(one.document).get(HASH_LABEL) not in live]
    return tuple(_deletion(one) for one in dead[:surplus])


def _fresh(snapshot: Snapshot, data: Document, number: int, old: tuple[Cached[Any], ...]) -> History:
    view = snapshot.owner.view
    suffix = templatehash.hash_of(view.spec.template, view.status.collision_count)
    name = f"{snapshot.owner.key.name}-{suffix}"
    holder = _named(snapshot.namesakes, name)
    if holder is None:
        document = _document(snapshot.owner, name, suffix, {"data": data, "revision": number})
        return History(suffix, old, (Create(CONTROLLERREVISIONS, document),))
    if revisiondata.same(holder.document.get("data") or {}, data):
        return History(meta.labels(holder.document).get(HASH_LABEL, suffix), old)
    return History(suffix, old, collides=True)


def _document(owner: Cached[Any], name: str, suffix: str, content: Document) -> Document:
    metadata: Document = {
        "name": name,
        "namespace": owner.key.namespace,
        "labels": {**meta.labels(owner.view.spec.template), HASH_LABEL: suffix},
        "ownerReferences": [owners.controller_reference(owner.document, DAEMONSETS)],
    }
    if meta.annotations(owner.document):
        metadata["annotations"] = dict(meta.annotations(owner.document))
    head = {"apiVersion": CONTROLLERREVISIONS.api_version, "kind": CONTROLLERREVISIONS.kind}
    return {**head, "metadata": metadata, **content}


def _named(revisions: Iterable[Cached[Any]], name: str) -> Cached[Any] | None:
    return next((one for one in revisions if one.key.name == name), None)


def _labelled(revision: Cached[Any]) -> Patch:
    """Give a revision of before there were hashes its own name as one."""
    body = {"metadata": {"labels": {HASH_LABEL: revision.key.name}}}
    return Patch(CONTROLLERREVISIONS, revision.key, body, meta.uid(revision.document))


def _moved(pod: Cached[Any], chosen: str) -> Patch:
    return Patch(PODS, pod.key, {"metadata": {"labels": {HASH_LABEL: chosen}}}, meta.uid(pod.document), missing_ok=True)


def _deletion(revision: Cached[Any]) -> Delete:
    return Delete(CONTROLLERREVISIONS, revision.key, meta.uid(revision.document))


def _number(revision: Cached[Any]) -> int:
    return revision.document.get("revision") or 0

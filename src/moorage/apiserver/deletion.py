"""How an object goes: grace, finalizers, propagation, and at last its removal.

In: an order and delete options. Out: the object as it was left, and whether it is gone. A deletion may first mark the object
(deletionTimestamp, finalizers) and remove it then, as upstream does; watchers see both steps.
Rules: k8s.io/apiserver/pkg/registry/rest/delete.go and generic/registry/store.go; fact sheet apiserver.md 5.4.
"""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.api.times import format_time, parse_time
from moorage.apiserver import errors
from moorage.apiserver.documents import part
from moorage.apiserver.options import DeleteOptions
from moorage.apiserver.registry import Order, Registry
from moorage.apiserver.stored import Stored
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.writer import Stale, Writer
from moorage.base.limits import UPDATE_TRIES
from moorage.base.ports import Clock

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"


class Outcome(NamedTuple):
    """What a deletion left."""

    stored: Stored
    gone: bool


class Step(NamedTuple):
    """What one look at an object decides.

    Args:
        marked: the object as it must be stored first; None to leave it.
        remove: whether it goes (after `marked` was stored).
    """

    marked: Document | None
    remove: bool


Mark = Callable[[Document], Document]


def _unmarked(document: Document) -> Document:
    return document


class Deleter:
    """Deletes objects.

    Args:
        registry: reads and admission.
        writer: the last step.
        clock: for timestamps.
    """

    def __init__(self, registry: Registry, writer: Writer, clock: Clock) -> None:
        self._registry = registry
        self._writer = writer
        self._clock = clock

    async def delete(self, order: Order, options: DeleteOptions, mark: Mark = _unmarked) -> Outcome:
        """Delete an object.

        Args:
            order: which one.
            options: how.
            mark: what is written on an object that stays for its grace period or its finalizers.

        Raises: ApiError.
        """
        for _ in range(UPDATE_TRIES):
            old = self._registry.get(order)
            check_preconditions(order, options, old.document)
            self._registry.admit("DELETE", order, {}, old.document)
            step = decide(order.strategy, mark(old.document), options, self._clock.now())
            try:
                return await self._carry_out(order, old, step, dry_run=options.dry_run)
            except Stale:
                continue
        raise errors.modified(order.resource, order.key.name)

    async def _carry_out(self, order: Order, old: Stored, step: Step, *, dry_run: bool) -> Outcome:
        strategy = order.strategy
        if dry_run:
            return Outcome(Stored(step.marked or old.document, old.revision, strategy.fields), step.remove)
        if step.marked is not None:
            old = await self._writer.update(strategy, step.marked, old)
        if step.remove:
            revision = await self._writer.delete(strategy.resource, old)
            return Outcome(old.at(revision), gone=True)
        return Outcome(old, gone=False)


def decide(strategy: Strategy, document: Document, options: DeleteOptions, now: datetime.datetime) -> Step:
    """Return what a deletion does to an object now. Pure."""
    if document["kind"] == "Namespace":
        return _namespace(document, now)
    grace = grace_seconds(strategy, document, options)
    if strategy.resource == scheme.PODS and meta.is_deleting(document):
        left = meta.deletion_grace_seconds(document) or 0
        if grace is None or grace >= left:
            return Step(None, not left and not meta.finalizers(document))
    finalizers = wanted_finalizers(strategy, document, options)
    if grace is None and not finalizers:
        changed = finalizers != meta.finalizers(document)
        return Step(meta.with_finalizers(document, finalizers) if changed else None, remove=True)
    marked = _marked(meta.with_finalizers(document, finalizers), grace or 0, now)
    return Step(None if marked == document else marked, not finalizers and not grace)


def grace_seconds(strategy: Strategy, document: Document, options: DeleteOptions) -> int | None:
    """Return the grace period of a deletion, None for kinds that know none or where nothing new was asked."""
    if strategy.resource != scheme.PODS:
        return None
    asked = options.grace
    if asked is None:
        return None if meta.is_deleting(document) else max(_whole_or_one(strategy.default_grace(document)), 0)
    if not part(document, "spec").get("nodeName") or part(document, "status").get("phase") in ("Succeeded", "Failed"):
        return 0
    return _whole_or_one(asked)


def wanted_finalizers(strategy: Strategy, document: Document, options: DeleteOptions) -> tuple[str, ...]:
    """Return the finalizers after the propagation policy had its say: `orphan` and `foregroundDeletion` exclude each other."""
    present = meta.finalizers(document)
    orphan, foreground = ORPHAN in present, FOREGROUND in present
    if options.policy:
        orphan, foreground = options.policy == "Orphan", options.policy == "Foreground"
    elif options.orphan is not None:
        orphan, foreground = options.orphan, False
    elif not orphan and not foreground:
        orphan = strategy.default_propagation == "Orphan"
    kept = [one for one in present if one not in (ORPHAN, FOREGROUND)]
    return (*kept, *((ORPHAN,) if orphan else ()), *((FOREGROUND,) if foreground else ()))


def _namespace(document: Document, now: datetime.datetime) -> Step:
    """A namespace only begins to terminate; it goes with its last finalizer, through `/finalize`."""
    if meta.is_deleting(document):
        return Step(None, not part(document, "spec").get("finalizers") and not meta.finalizers(document))
    metadata = {**meta.metadata(document), "deletionTimestamp": format_time(now)}
    marked = {**document, "metadata": metadata, "status": {**part(document, "status"), "phase": "Terminating"}}
    return Step(marked, not part(document, "spec").get("finalizers") and not meta.finalizers(document))


def _marked(document: Document, grace: int, now: datetime.datetime) -> Document:
    """Return a copy marked as being deleted; a second mark may only shorten the grace period."""
    metadata = dict(meta.metadata(document))
    since = now
    if meta.is_deleting(document):
        since = parse_time(metadata["deletionTimestamp"])
        since -= datetime.timedelta(seconds=meta.deletion_grace_seconds(document) or 0)
    elif meta.generation(document):
        metadata["generation"] = meta.generation(document) + 1
    metadata["deletionTimestamp"] = format_time(since + datetime.timedelta(seconds=grace))
    metadata["deletionGracePeriodSeconds"] = grace
    return {**document, "metadata": metadata}


def _whole_or_one(seconds: int) -> int:
    """A negative grace period counts as one second."""
    return 1 if seconds < 0 else seconds


def check_preconditions(order: Order, options: DeleteOptions, document: Document) -> None:
    """Refuse a deletion of another object than the one meant. Raises: ApiError (409)."""
    uid, revision = meta.uid(document), meta.resource_version(document)
    if options.uid and options.uid != uid:
        raise errors.precondition(
            order.resource,
            order.key.name,
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({uid}). "
            "The object might have been deleted and then recreated",
        )
    if options.resource_version and options.resource_version != revision:
        raise errors.precondition(
            order.resource,
            order.key.name,
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the ResourceVersion "
            f"in record ({revision}). The object might have been modified",
        )

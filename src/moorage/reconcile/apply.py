"""Carries out a plan: the only awaits between a decision and the API.

In: `Plan`. Out: `Outcome`: what was written, and the first error. Rules: steps in order, the first failure stops them;
the status is written even then; cleanup comes last; every write carries the precondition of its action.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from moorage.api import meta
from moorage.api.refs import Document, key_of
from moorage.base.errors import ApiError, MoorageError, Unavailable
from moorage.base.limits import BURST_WRITES
from moorage.client.api import Api
from moorage.client.requests import DeleteOptions, ListOptions, PatchBody
from moorage.reconcile.actions import (
    Action,
    Batch,
    Confirm,
    ConfirmAbsent,
    ConfirmEmpty,
    Create,
    Delete,
    DeleteAll,
    Emit,
    Patch,
    Step,
    Update,
)
from moorage.reconcile.freshness import Gone, Seen, Written
from moorage.reconcile.plan import Plan

Write = Create | Update | Patch | Delete | DeleteAll | Confirm | ConfirmAbsent | ConfirmEmpty
_UID_MISMATCH = "UID in the precondition"


class Recorder(Protocol):
    """Where events go (`reconcile.recorder`)."""

    def record(self, event: Emit) -> None:
        """Take an event; never waits."""
        ...


@dataclass(slots=True)
class Outcome:
    """What came of a plan.

    Args:
        written: for freshness.
        error: the first failure, None for success.
    """

    written: list[Written] = field(default_factory=list)
    error: MoorageError | None = None


class Unexpected(MoorageError):
    """A live read did not find what the decision was made on."""


async def run(plan: Plan, api: Api, recorder: Recorder) -> Outcome:
    """Carry out `plan`."""
    work = _Work(api, recorder)
    await work.steps(plan.steps)
    status = plan.status
    if work.outcome.error is not None and plan.status_if_failed is not None:
        status = plan.status_if_failed(work.outcome.error)
    if status is not None:
        await work.steps((status,))
    await work.steps(plan.cleanup)
    return work.outcome


class _Work:
    """One plan under way."""

    def __init__(self, api: Api, recorder: Recorder) -> None:
        self._api = api
        self._recorder = recorder
        self.outcome = Outcome()

    async def steps(self, steps: Iterable[Step]) -> None:
        """Carry out `steps` up to the first failure."""
        for step in steps:
            problem = await (self._batch(step) if isinstance(step, Batch) else self._act(step))
            if problem is not None:
                self.outcome.error = self.outcome.error or problem
                return

    async def _batch(self, batch: Batch) -> MoorageError | None:
        """Run rounds of 1, 2, 4, … sequences; a failed round is the last."""
        at, size = 0, 1
        while at < len(batch.sequences):
            turn = batch.sequences[at : at + size]
            problems = await asyncio.gather(*map(self._sequence, turn))
            problem = next((found for found in problems if found is not None), None)
            if problem is not None:
                return problem
            at += size
            size = min(size * 2, BURST_WRITES)
        return None

    async def _sequence(self, actions: tuple[Action, ...]) -> MoorageError | None:
        for action in actions:
            problem = await self._act(action)
            if problem is not None:
                return problem
        return None

    async def _act(self, action: Action) -> MoorageError | None:
        if isinstance(action, Emit):
            self._recorder.record(action)
            return None
        try:
            name = await self._write(action)
        except (ApiError, Unavailable, Unexpected) as problem:
            if not _is_taken(action, problem):
                self._tell(getattr(action, "on_failure", None), "{error}", str(problem))
            return problem
        self._tell(getattr(action, "on_success", None), "{name}", name)
        return None

    def _tell(self, events: Emit | tuple[Emit, ...] | None, mark: str, value: str) -> None:
        for event in (events,) if isinstance(events, Emit) else events or ():
            self._recorder.record(Emit(event.about, event.type, event.reason, event.message.replace(mark, value)))

    async def _write(self, action: Write) -> str:
        """Carry out one write; return the name of what it created."""
        match action:
            case Create():
                return await self._create(action)
            case Update():
                self._wrote(action, await self._api.update(action.resource, action.document, action.subresource))
            case Patch():
                await self._patch(action)
            case Delete():
                await self._delete(action)
            case DeleteAll():
                await self._api.delete_collection(action.resource, action.namespace)
            case Confirm():
                await self._confirm(action)
            case ConfirmAbsent():
                await self._confirm_absent(action)
            case ConfirmEmpty():
                await self._confirm_empty(action)
        return ""

    async def _create(self, action: Create) -> str:
        try:
            made = await self._api.create(action.resource, action.document)
        except ApiError as problem:
            if action.exists_ok and problem.reason == "AlreadyExists":
                return meta.name(action.document)
            raise
        self._wrote(action, made)
        return meta.name(made)

    async def _patch(self, action: Patch) -> None:
        guard = {"uid": action.uid}
        if action.resource_version:
            guard["resourceVersion"] = action.resource_version
        body = {**action.body, "metadata": {**action.body.get("metadata", {}), **guard}}
        try:
            patch = PatchBody(body, action.kind, action.subresource)
            made = await self._api.patch(action.resource, action.key, patch)
        except ApiError as problem:
            if action.missing_ok and problem.code == 404:
                return
            raise
        self._wrote(action, made)

    async def _delete(self, action: Delete) -> None:
        gone = Gone(action.resource, action.key, action.uid)
        options = DeleteOptions(action.uid, action.resource_version, action.grace_seconds, action.propagation)
        try:
            left = await self._api.delete(action.resource, action.key, options)
        except ApiError as problem:
            if problem.code == 404 or (problem.code == 409 and _UID_MISMATCH in problem.message):
                self.outcome.written.append(gone)
                return
            raise
        if left.get("kind") == "Status" or (meta.deletion_grace_seconds(left) == 0 and not meta.finalizers(left)):
            self.outcome.written.append(gone)
        else:
            self._wrote(action, left)

    async def _confirm(self, action: Confirm) -> None:
        found = await self._api.find(action.resource, action.key)
        name = f"original {action.resource.kind} {action.key}"
        if found is None or meta.uid(found) != action.uid:
            raise Unexpected(f"{name} is gone: got uid {meta.uid(found or {})}, wanted {action.uid}")
        if meta.is_deleting(found):
            raise Unexpected(f"{name} has just been deleted at {meta.deletion_time(found)}")
        if action.generation and meta.generation(found) != action.generation:
            raise Unexpected(f"{name} has changed: generation {meta.generation(found)}, decided on {action.generation}")

    async def _confirm_absent(self, action: ConfirmAbsent) -> None:
        found = await self._api.find(action.resource, action.key)
        if found is not None and action.uid in ("", meta.uid(found)):
            raise Unexpected(f"{action.resource.kind} {action.key} still exists")

    async def _confirm_empty(self, action: ConfirmEmpty) -> None:
        counts = action.counts
        found = await self._api.list(action.resource, action.namespace, ListOptions(limit=0 if counts else 1))
        left = [one for one in found.get("items") or () if counts is None or counts(one)]
        if left:
            raise Unexpected(f"{action.resource.plural} are left in namespace {action.namespace}: {meta.name(left[0])}")

    def _wrote(self, action: Create | Update | Patch | Delete, made: Document) -> None:
        revision = meta.resource_version(made)
        if revision:
            self.outcome.written.append(Seen(action.resource, int(revision)))


def _is_taken(action: Action, problem: MoorageError) -> bool:
    """Return whether a creation failed only because the cache did not show yet what exists."""
    return isinstance(action, Create) and isinstance(problem, ApiError) and problem.reason == "AlreadyExists"


_VERBS: dict[type[Any], str] = {
    Create: "create", Update: "update", Patch: "patch", Delete: "delete", DeleteAll: "delete all", Confirm: "confirm",
    ConfirmAbsent: "confirm absence of", ConfirmEmpty: "confirm absence of",
}  # fmt: skip


def describe(step: Step) -> tuple[str, ...]:
    """Return a step as lines for people, e.g. `create Pod default/web-1`."""
    if isinstance(step, Batch):
        return tuple(line for sequence in step.sequences for action in sequence for line in describe(action))
    if isinstance(step, Emit):
        return (f"event {step.reason}",)
    if isinstance(step, ConfirmEmpty | DeleteAll):
        return (f"{_VERBS[type(step)]} {step.resource.plural} of {step.namespace}",)
    key = key_of(step.document) if isinstance(step, Create | Update) else step.key
    verb = _VERBS[type(step)]
    part = f"/{step.subresource}" if isinstance(step, Update | Patch) and step.subresource else ""
    return (f"{verb} {step.resource.kind}{part} {key}",)

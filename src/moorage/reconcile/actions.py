"""What a plan may want done: a closed set of writes, each with its precondition.

In: `decide`. Out: values that `reconcile.apply` carries out. Nothing else in the project writes for a controller.
Every update and delete names the uid it was decided on (facts: reliability ID4), so a stale cache can refuse, not harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from moorage.api.refs import Document, ObjectKey, Resource


@dataclass(frozen=True, slots=True)
class Emit:
    """An event to record on an object.

    Args:
        about: the object (its whole document, or at least apiVersion, kind and metadata with name, namespace, uid).
        type: `Normal` or `Warning`.
        reason: CamelCase word from `docs/events.md`.
        message: one sentence. `{error}` in it is replaced by the error of the step it belongs to, `{name}` by the name
            the server gave to what the step created.
    """

    about: Document
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Create:
    """Create `document`. `exists_ok`: AlreadyExists is success (somebody made it; the next sync looks again).

    An AlreadyExists that is a failure is never reported by `on_failure`: it only means that the cache was behind.
    """

    resource: Resource
    document: Document
    on_success: Emit | None = None
    on_failure: Emit | tuple[Emit, ...] | None = None
    exists_ok: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """PUT `document` (whose metadata carries uid and resourceVersion), or its `subresource`."""

    resource: Resource
    document: Document
    subresource: str = ""
    on_success: Emit | tuple[Emit, ...] | None = None
    on_failure: Emit | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Patch one object; `uid` (and `resource_version` where given) is added to the patch as a precondition.

    Args:
        kind: `merge` or `strategic`.
        missing_ok: NotFound is success.
    """

    resource: Resource
    key: ObjectKey
    body: dict[str, Any]
    uid: str
    kind: Literal["merge", "strategic"] = "merge"
    subresource: str = ""
    resource_version: str = ""
    on_success: Emit | None = None
    on_failure: Emit | None = None
    missing_ok: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete one object, guarded by `uid` (and `resource_version`). NotFound or another uid is success: it is gone."""

    resource: Resource
    key: ObjectKey
    uid: str
    resource_version: str = ""
    grace_seconds: int | None = None
    propagation: Literal["", "Background", "Foreground", "Orphan"] = ""
    on_success: Emit | None = None
    on_failure: Emit | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Read `key` live and go on only if it still has `uid`, is not being deleted, and asks for what was decided on.

    Args:
        resource, key: which object.
        uid: of the one that was decided on.
        generation: its metadata.generation then; 0 where what it asks for does not matter (adoption).
    """

    resource: Resource
    key: ObjectKey
    uid: str
    generation: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmAbsent:
    """Read `key` live and go on only if nothing there has `uid` ("": nothing is there at all)."""

    resource: Resource
    key: ObjectKey
    uid: str


@dataclass(frozen=True, slots=True)
class ConfirmEmpty:
    """List live and go on only if `namespace` holds no object of `resource` for which `counts` (None: all count)."""

    resource: Resource
    namespace: str
    counts: Callable[[Document], bool] | None = None


@dataclass(frozen=True, slots=True)
class DeleteAll:
    """Delete every object of `resource` in `namespace`; those with finalizers or grace go later."""

    resource: Resource
    namespace: str


Action = Create | Update | Patch | Delete | DeleteAll | Confirm | ConfirmAbsent | ConfirmEmpty | Emit


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences that do not depend on each other. Each runs in order and stops at its own first failure.

    Started 1, 2, 4, … at a time (slow start, at most `limits.BURST_WRITES`); a failure stops later rounds, not its own.
    """

    sequences: tuple[tuple[Action, ...], ...]


Step = Action | Batch

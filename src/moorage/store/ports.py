"""The store contract, alike for every backend.

In: keys (text, `/<group or core>/<resource>/<namespace or ->/<name>`) and values (bytes, opaque here).
Out: `Record`, `Page`, `Change`. Backends: `store.memory`, `store.sqlite`; `tests/conformance/store` binds them all.

Rules: each successful mutation gets exactly one new revision, greater than all before, also after a crash.
A failed compare, a delete of nothing and a read get none. An answer to a write is given only once it is durable.
A list at a revision is a snapshot of that revision; a watch delivers every change of its prefix after its revision,
in order, each once. At or below the compacted revision both are refused, never shortened; compaction therefore
never reaches the latest revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from moorage.base.errors import StoreError, UserError


class Record(NamedTuple):
    """One key as stored: `revision` is that of its last change, `created` that of its creation."""

    key: str
    value: bytes
    revision: int
    created: int


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list.

    Args:
        records: in key order.
        revision: the revision of the snapshot; every page of one list names the same.
        remaining: records after this page.
    """

    records: tuple[Record, ...]
    revision: int
    remaining: int


class ChangeType(Enum):
    """What a change did to its key."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Change(NamedTuple):
    """One mutation. `value` is None for a deletion, `previous` None for a creation."""

    type: ChangeType
    key: str
    revision: int
    value: bytes | None
    previous: Record | None


class KeyExists(StoreError):
    """A create found its key taken by `current`."""

    def __init__(self, current: Record) -> None:
        super().__init__(f"key exists: {current.key} at revision {current.revision}")
        self.current = current


class RevisionMismatch(StoreError):
    """An update or delete expected another revision; `current` is what is there, None where the key is absent."""

    def __init__(self, key: str, expected: int, current: Record | None) -> None:
        found = current.revision if current else "no such key"
        super().__init__(f"expected {key} at revision {expected}, found {found}")
        self.current = current


class Compacted(StoreError):
    """The revision asked for is no longer kept."""

    def __init__(self, asked: int, compacted: int) -> None:
        super().__init__(f"revision {asked} was compacted, oldest kept is {compacted + 1}")
        self.asked = asked
        self.compacted = compacted


class FutureRevision(StoreError):
    """The revision asked for has not been reached."""

    def __init__(self, asked: int, current: int) -> None:
        super().__init__(f"revision {asked} is in the future, current is {current}")
        self.asked = asked
        self.current = current


class AmbiguousWrite(StoreError):
    """The write may or may not have happened: read to find out, never retry blindly."""


class StoreFailed(StoreError):
    """The backend cannot go on (disk full, corrupt file, fsync error); the text says what to do."""


class StoreFull(StoreFailed):
    """Too little room is left to take this write; nothing was written. Reads and deletions still work."""


class StoreInUse(StoreFailed, UserError):
    """Another process, `pid`, has the same store open."""

    def __init__(self, directory: str, pid: int) -> None:
        super().__init__(f"{directory} is in use by process {pid}: stop that one first, or take another directory")
        self.pid = pid


class ValueTooLarge(StoreError):
    """The value exceeds `base.limits.MAX_OBJECT_BYTES`."""


class Watch(Protocol):
    """Changes of one prefix, batched as they come; `async for` over it. A cancelled step loses nothing.

    The first batch may be empty: it says that the watch is open and nothing was missed.
    A step raises Compacted once the reader lags so far that its events were dropped, StoreFailed once the store failed,
    and ends when the store or the watch is closed.
    """

    @property
    def position(self) -> int:
        """Revision up to which every change of the prefix was yielded: what a bookmark may say."""
        ...

    def __aiter__(self) -> "Watch": ...

    async def __anext__(self) -> Sequence[Change]: ...

    async def aclose(self) -> None:
        """End the watch: a waiting step stops."""
        ...


class Store(Protocol):
    """What every backend does. Every method may raise `StoreFailed`."""

    @property
    def revision(self) -> int:
        """Revision of the last durable mutation; 0 for an empty store."""
        ...

    @property
    def compacted(self) -> int:
        """Revision up to which history was dropped; 0 for none."""
        ...

    async def get(self, key: str) -> Record | None:
        """Return the current record of `key`."""
        ...

    async def list(self, prefix: str, revision: int = 0, limit: int = 0, after: str = "") -> Page:
        """Return records whose key starts with `prefix`, in key order.

        Args:
            prefix: start of the keys.
            revision: snapshot to read; 0 is the present.
            limit: most records; 0 is all.
            after: only keys greater than this one.

        Raises: Compacted, FutureRevision.
        """
        ...

    async def create(self, key: str, value: bytes) -> Record:
        """Store a new key. Raises: KeyExists, ValueTooLarge, AmbiguousWrite."""
        ...

    async def update(self, key: str, value: bytes, expected: int) -> Record:
        """Replace the value if the key is at revision `expected`.

        Raises: RevisionMismatch, ValueTooLarge, AmbiguousWrite.
        """
        ...

    async def delete(self, key: str, expected: int) -> Record:
        """Remove the key if it is at revision `expected`; return what it held, at the revision of the deletion.

        Raises: RevisionMismatch, AmbiguousWrite.
        """
        ...

    def watch(self, prefix: str, after: int) -> Watch:
        """Yield every change of `prefix` with a revision greater than `after`; 0 is from the beginning.

        Raises at once: Compacted, FutureRevision.
        """
        ...

    async def compact(self, revision: int) -> None:
        """Drop history at or below `revision`, at most up to the one before the latest; current records stay.

        Raises: FutureRevision.
        """
        ...

    async def close(self) -> None:
        """End watches, finish writes under way, release files."""
        ...

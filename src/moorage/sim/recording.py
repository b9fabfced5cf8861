"""Everything that was ever written, as the checkers read it: one `StateChange` a revision, with who wrote it and when.

In: writes of the API server. Out: a store that records them, may be slow, and survives its server. Next room: `checkers`.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

import msgspec

from moorage.api.refs import Document
from moorage.client.ports import Request
from moorage.store.memory import MemoryStore
from moorage.store.ports import Record

_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class StateChange:
    """One committed write.

    Args:
        revision: of the store.
        instant: virtual seconds.
        actor: who asked for it, e.g. `manager-0/moorage-controllers`, `node-1`, `user`.
        resource: plural, e.g. `pods`.
        name: `namespace/name`, or `name` of what has no namespace.
        before: None for a creation.
        after: None for a deletion.
    """

    revision: int
    instant: float
    actor: str
    resource: str
    name: str
    before: Document | None
    after: Document | None

    @property
    def document(self) -> Document:
        """The newest form there is."""
        return self.after or self.before or {}


@dataclass(slots=True)
class Exchange:
    """One request under way or answered.

    Args:
        actor: who asks.
        request: what for.
        changes: what it wrote so far.
        code: of the answer, 0 while there is none.
        answer: its body.
    """

    actor: str
    request: Request
    changes: list[StateChange] = field(default_factory=list)
    code: int = 0
    answer: object = None


NOW: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The request that is served at present; None while the server acts by itself."""


class RecordingStore(MemoryStore):
    """A store in memory whose every write is told to `listeners` before anybody else learns of it.

    Args:
        instant: reads virtual time, seconds.
        commit: waits as long as the disk takes, before each write.
    """

    def __init__(self, instant: Callable[[], float], commit: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._instant = instant
        self._commit = commit
        self.listeners: list[Callable[[StateChange], None]] = []
        self._documents: dict[str, Document] = {}

    async def create(self, key: str, value: bytes) -> Record:
        await self._commit()
        return await super().create(key, value)

    async def update(self, key: str, value: bytes, expected: int) -> Record:
        await self._commit()
        return await super().update(key, value, expected)

    async def delete(self, key: str, expected: int) -> Record:
        await self._commit()
        return await super().delete(key, expected)

    def _write(self, key: str, value: bytes | None, current: Record | None) -> Record:
        before = self._documents.get(key) if current else None
        after: Document | None = _decode(value) if value is not None else None
        if after is None:
            self._documents.pop(key, None)
        else:
            self._documents[key] = after
        _, _, plural, *name = key.split("/")
        written = "/".join(name[1:] if name[0] == "-" else name)
        exchange = NOW.get()
        actor = exchange.actor if exchange else "apiserver"
        change = StateChange(self.revision + 1, self._instant(), actor, plural, written, before, after)
        if exchange:
            exchange.changes.append(change)
        for listener in self.listeners:
            listener(change)
        return super()._write(key, value, current)

    @property
    def documents(self) -> dict[str, Document]:
        """Every present object by its key: what is true, whatever anybody's cache says."""
        return self._documents

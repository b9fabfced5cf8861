"""Everything that was ever written, as the checkers read it: one `StateChange` a revision, with who wrote it and when.

In: writes of the API server. Out: a store that records them, may be slow, and survives its server. Next room: `checkers`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

import msgspec

from moorage.api.refs import Document
from moorage.store.memory import MemoryStore
from moorage.store.ports import Record

ACTOR: ContextVar[str] = ContextVar("actor", default="apiserver")
"""In whose name the present request is served."""
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


class RecordingStore(MemoryStore):
    """A store in memory whose every write is told to `listeners` before anybody else learns of it.

    Args:
        instant: reads virtual time, seconds.
    """

    def __init__(self, instant: Callable[[], float]) -> None:
        super().__init__()
        self._instant = instant
        self.listeners: list[Callable[[StateChange], None]] = []
        self._documents: dict[str, Document] = {}

    def _write(self, key: str, value: bytes | None, current: Record | None) -> Record:
        before = self._documents.get(key) if current else None
        after: Document | None = _decode(value) if value is not None else None
        if after is None:
            self._documents.pop(key, None)
        else:
            self._documents[key] = after
        _, _, plural, *name = key.split("/")
        written = "/".join(name[1:] if name[0] == "-" else name)
        change = StateChange(self.revision + 1, self._instant(), ACTOR.get(), plural, written, before, after)
        for listener in self.listeners:
            listener(change)
        return super()._write(key, value, current)

    @property
    def documents(self) -> dict[str, Document]:
        """Every present object by its key: what is true, whatever anybody's cache says."""
        return self._documents

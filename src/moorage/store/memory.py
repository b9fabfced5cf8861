"""A store in memory alone: for tests, simulation and `--runtime none` without a data directory.

In: reads and writes as in `store.ports.Store`. Out: the same. Nothing outlives the process.
"""

from moorage.store.history import History, make_change
from moorage.store.ports import Page, Record, Store, StoreFailed
from moorage.store.rules import answer, check_absent, check_expected, check_size
from moorage.store.watchhub import HubWatch, WatchHub


def open_memory() -> Store:
    """Return an empty store in memory."""
    return MemoryStore()


class MemoryStore:
    """Backend `memory`."""

    def __init__(self) -> None:
        self._history = History()
        self._hub = WatchHub(self._history)
        self._closed = False

    @property
    def revision(self) -> int:
        return self._history.revision

    @property
    def compacted(self) -> int:
        return self._history.compacted

    async def get(self, key: str) -> Record | None:
        self._check_open()
        return self._history.get(key)

    async def list(self, prefix: str, revision: int = 0, limit: int = 0, after: str = "") -> Page:
        self._check_open()
        return self._history.page(prefix, revision, limit, after)

    async def create(self, key: str, value: bytes) -> Record:
        self._check_open()
        check_size(key, value)
        check_absent(self._history.get(key))
        return self._write(key, value, None)

    async def update(self, key: str, value: bytes, expected: int) -> Record:
        self._check_open()
        check_size(key, value)
        return self._write(key, value, check_expected(key, expected, self._history.get(key)))

    async def delete(self, key: str, expected: int) -> Record:
        self._check_open()
        current = check_expected(key, expected, self._history.get(key))
        return self._write(key, None, current)

    def watch(self, prefix: str, after: int) -> HubWatch:
        self._check_open()
        return self._hub.open(prefix, after)

    async def compact(self, revision: int) -> None:
        self._check_open()
        self._history.compact(revision)

    async def close(self) -> None:
        self._closed = True
        self._hub.end()

    def _write(self, key: str, value: bytes | None, current: Record | None) -> Record:
        change = make_change(key, value, self._history.revision + 1, current)
        self._history.apply(change)
        self._hub.publish((change,))
        return answer(change)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreFailed("the store is closed")

"""Everything the store holds, decoded once, in memory: all reads and watches are served from here.

In: one store watch over every key. Out: `Shelf` per resource, and `reached(revision)`: how a writer sees its own write.
One watch over everything makes each revision of the store an event here, so "complete up to R" is exact
(fact sheet reliability.md A.4, C.3).
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.apiserver import errors, verbatim
from moorage.apiserver.shelf import Shelf
from moorage.apiserver.stored import Change, Stored, sort_path
from moorage.apiserver.strategy import Strategy
from moorage.base.errors import ApiError, Bug
from moorage.store.ports import Change as StoreChange
from moorage.store.ports import Store, Watch

_ROOT = "/"
INDEXED = {"pods": ("spec.nodeName",)}
"""Field labels with an index, by plural."""

_decode = msgspec.json.decode


class WatchCache:
    """The present and the recent past of every resource.

    Args:
        store: where it reads and watches.
        strategies: every kind that is served.
        now: monotonic seconds.
    """

    def __init__(self, store: Store, strategies: Iterable[Strategy], now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._strategies: dict[tuple[str, str], Strategy] = {}
        for strategy in strategies:
            resource = strategy.resource
            bucket = (resource.group or "core", resource.plural)
            self._shelves[bucket] = Shelf(resource, INDEXED.get(resource.plural, ()))
            self._strategies[bucket] = strategy
        self._watch: Watch | None = None
        self._own: dict[str, tuple[bytes, Document]] = {}
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._closed = False
        self.revision = 0
        """Every change up to this revision is in."""

    def shelf(self, resource: Resource) -> Shelf:
        """Return one resource's objects."""
        return self._shelves[resource.group or "core", resource.plural]

    def shelves(self) -> Iterable[Shelf]:
        """Return every resource's objects."""
        return self._shelves.values()

    def get(self, resource: Resource, key: ObjectKey) -> Stored | None:
        """Return one object."""
        return self.shelf(resource).get(sort_path(key))

    async def load(self) -> None:
        """Read all there is and open the watch that `run` follows."""
        page = await self._store.list(_ROOT)
        for record in page.records:
            bucket, _path = _split(record.key)
            shelf = self._shelves.get(bucket)
            if shelf is not None:
                shelf.load(self._stored(bucket, record.value, record.revision, record.key))
        self.revision = page.revision
        for shelf in self._shelves.values():
            shelf.oldest = page.revision
        self._watch = self._store.watch(_ROOT, page.revision)

    async def run(self) -> None:
        """Follow the store until its watch ends."""
        if self._watch is None:
            raise Bug("the watch cache runs only after it was loaded")
        async for batch in self._watch:
            now = self._now()
            for change in batch:
                self._apply(change, now)
            if batch:
                self.revision = batch[-1].revision
                self._wake()

    async def close(self) -> None:
        """End the store watch and every watcher, for good; who waits is refused, since nothing comes any more."""
        self._closed = True
        for shelf in self._shelves.values():
            shelf.watchers.closed = True
        self.end_watches()
        waiting, self._waiting = self._waiting, []
        for _, done in waiting:
            if not done.done():
                done.set_exception(_shut())
        if self._watch is not None:
            await self._watch.aclose()

    def end_watches(self) -> None:
        """End every watcher: their clients come back elsewhere, or later."""
        for shelf in self._shelves.values():
            shelf.watchers.close()

    def expect(self, key: str, value: bytes, document: Document) -> None:
        """Say that `value`, about to be written at `key`, is `document`: spares decoding it again."""
        self._own[key] = (value, document)

    def forget(self, key: str, value: bytes) -> None:
        """Take back an expectation that did not come true."""
        own = self._own.get(key)
        if own is not None and own[0] is value:
            del self._own[key]

    async def reached(self, revision: int) -> None:
        """Wait until every change up to `revision` is in. Raises: ApiError (503), where the server shuts down first."""
        if self.revision < revision:
            if self._closed:
                raise _shut()
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((revision, done))
            await done

    def trim(self) -> None:
        """Forget what is too old."""
        now = self._now()
        for shelf in self._shelves.values():
            shelf.trim(now)

    def _apply(self, change: StoreChange, now: float) -> None:
        bucket, path = _split(change.key)
        shelf = self._shelves.get(bucket)
        if shelf is None:
            return
        after = None
        if change.value is not None:
            after = self._stored(bucket, change.value, change.revision, change.key)
        shelf.apply(Change(change.revision, shelf.get(path), after, now))

    def _stored(self, bucket: tuple[str, str], value: bytes, revision: int, key: str) -> Stored:
        own, strategy = self._own.get(key), self._strategies[bucket]
        document: Document
        if own is not None and own[0] == value:
            document = own[1]
            del self._own[key]
        else:
            document = _decode(value)
            verbatim.keep(document, strategy.verbatim, value)
        document["metadata"]["resourceVersion"] = str(revision)
        return Stored(document, revision, strategy.fields)

    def _wake(self) -> None:
        left = []
        for revision, done in self._waiting:
            if revision > self.revision:
                left.append((revision, done))
            elif not done.done():
                done.set_result(None)
        self._waiting = left


def _shut() -> ApiError:
    return errors.unavailable("the API server is shutting down; the outcome of a write is unknown, read to find out")


def _split(key: str) -> tuple[tuple[str, str], str]:
    """Return (group or `core`, plural) and the sort path of a store key."""
    _, group, plural, path = key.split("/", 3)
    return (group, plural), path

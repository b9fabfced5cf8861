"""The last step of a write: one compare-and-swap in the store, seen in the cache before the answer.

In: finished documents and the revision they replace. Out: `Stored`; the store's refusals as API errors.
A write of unknown outcome is resolved by reading (fact sheet reliability.md ST10), never tried again blindly.
"""

from collections.abc import Awaitable, Callable

from moorage.api import meta
from moorage.api.refs import Document, Resource, key_of
from moorage.apiserver import errors, verbatim
from moorage.apiserver.stored import Fields, Stored, encode, sort_path, store_key
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.watchcache import WatchCache
from moorage.base.errors import ApiError
from moorage.store.ports import (
    AmbiguousWrite,
    KeyExists,
    Record,
    RevisionMismatch,
    Store,
    StoreFailed,
    StoreFull,
    ValueTooLarge,
)


class Stale(Exception):  # a signal inside this room, never an answer
    """Somebody else wrote the object since it was read."""


class Writer:
    """Puts documents into the store.

    Args:
        store: the API server's cellar.
        cache: told what comes, and waited for.
    """

    def __init__(self, store: Store, cache: WatchCache) -> None:
        self._store = store
        self._cache = cache

    async def create(self, strategy: Strategy, document: Document) -> Stored:
        """Store a new object. Raises: ApiError (AlreadyExists, …)."""
        resource = strategy.resource
        key, value = _prepared(strategy, document)
        try:
            return await self._put(strategy, document, value, lambda: self._store.create(key, value))
        except KeyExists as problem:
            await self._cache.reached(problem.current.revision)
            raise self._taken(resource, document) from problem

    def _taken(self, resource: Resource, document: Document) -> ApiError:
        name = document["metadata"]["name"]
        holder = self._cache.get(resource, key_of(document))
        if holder is not None and meta.is_deleting(holder.document):
            return errors.still_there(resource, name)
        return errors.already_exists(resource, name)

    async def update(self, strategy: Strategy, document: Document, old: Stored) -> Stored:
        """Replace `old`. Raises: Stale, ApiError."""
        key, value = _prepared(strategy, document)
        try:
            return await self._put(strategy, document, value, lambda: self._store.update(key, value, old.revision))
        except RevisionMismatch as problem:
            raise await self._stale(problem) from problem

    async def delete(self, resource: Resource, old: Stored) -> int:
        """Remove `old` and return the revision of that. Raises: Stale, ApiError."""
        try:
            record = await self._store.delete(store_key(resource, old.path), old.revision)
        except RevisionMismatch as problem:
            raise await self._stale(problem) from problem
        except (AmbiguousWrite, StoreFailed) as problem:
            raise _failure(problem) from problem
        await self._cache.reached(record.revision)
        return record.revision

    async def _put(
        self, strategy: Strategy, document: Document, value: bytes, write: Callable[[], Awaitable[Record]]
    ) -> Stored:
        key = store_key(strategy.resource, sort_path(key_of(document)))
        self._cache.expect(key, value, document)
        try:
            record = await self._written(key, value, write)
            await self._cache.reached(record.revision)
        except ValueTooLarge as problem:
            raise errors.failure(413, "RequestEntityTooLarge", str(problem)) from problem
        except StoreFailed as problem:
            raise _failure(problem) from problem
        finally:
            self._cache.forget(key, value)
        return self._seen(strategy.resource, document, record.revision, strategy.fields)

    def _seen(self, resource: Resource, document: Document, revision: int, fields: Fields) -> Stored:
        """Return the cache's own entry where it still is this revision, so that its bytes are shared."""
        known = self._cache.get(resource, key_of(document))
        if known is not None and known.revision == revision:
            return known
        document["metadata"]["resourceVersion"] = str(revision)
        return Stored(document, revision, fields)

    async def _written(self, key: str, value: bytes, write: Callable[[], Awaitable[Record]]) -> Record:
        """Write; where the outcome is unknown, read whether it happened."""
        try:
            return await write()
        except AmbiguousWrite as problem:
            current = await self._store.get(key)
            if current is not None and current.value == value:
                return current
            raise _failure(problem) from problem

    async def _stale(self, problem: RevisionMismatch) -> Stale:
        """Wait until the cache shows what beat us, so that the next try sees it."""
        await self._cache.reached(problem.current.revision if problem.current else self._store.revision)
        return Stale(str(problem))


def _prepared(strategy: Strategy, document: Document) -> tuple[str, bytes]:
    """Return the store's key and value; the resourceVersion is the store's to give, so it is not part of the value."""
    document["metadata"].pop("resourceVersion", None)
    key = store_key(strategy.resource, sort_path(key_of(document)))
    return key, encode(verbatim.stored(document, strategy.verbatim))


def _failure(problem: AmbiguousWrite | StoreFailed) -> ApiError:
    if isinstance(problem, StoreFull):
        return errors.failure(507, "InsufficientStorage", str(problem))
    if isinstance(problem, AmbiguousWrite):
        return errors.failure(504, "Timeout", f"the outcome of the write is unknown: {problem}; read to find out")
    return errors.unavailable(str(problem))

"""A server that shuts down leaves nobody waiting: neither a write for its revision, nor a watch for its events."""

import asyncio

import pytest

from moorage.api.scheme import PODS
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Selection, Watcher
from moorage.base.errors import ApiError
from moorage.store.memory import MemoryStore


def test_who_waits_is_refused_and_new_watches_end_at_once() -> None:
    async def shut_down() -> Watcher:
        cache = WatchCache(MemoryStore(), STRATEGIES.values(), lambda: 0.0)
        await cache.load()
        waiting = asyncio.gather(cache.reached(7), return_exceptions=True)
        await asyncio.wait([waiting], timeout=0)
        await cache.close()
        (refused,) = await waiting
        assert isinstance(refused, ApiError)
        assert refused.code == 503
        with pytest.raises(ApiError, match="shutting down"):
            await cache.reached(7)
        late = Watcher(Selection())
        cache.shelf(PODS).watchers.add(late)
        return late

    assert asyncio.run(shut_down()).closed

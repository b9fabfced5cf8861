"""Who watches what: hands each durable change to the watches of its prefix.

In: changes, after they are durable. Out: `Watch` iterators with a bounded buffer each.
Watches are grouped by the bucket of their prefix, so that a change costs nothing to those who look elsewhere.
"""

import asyncio
from collections.abc import Sequence

from moorage.base.limits import WATCH_BUFFER_EVENTS
from moorage.store.history import History, bucket_of
from moorage.store.ports import Change, Compacted, StoreFailed


class HubWatch:
    """One watch (port: `store.ports.Watch`). Made by `WatchHub.open`; letting go of it ends it."""

    def __init__(self, hub: "WatchHub", feed: "_Feed") -> None:
        self._hub = hub
        self._feed = feed

    @property
    def position(self) -> int:
        waiting = self._feed.waiting
        return waiting[0].revision - 1 if waiting else self._hub.revision

    def __aiter__(self) -> "HubWatch":
        return self

    async def __anext__(self) -> Sequence[Change]:
        feed = self._feed
        while not feed.news:
            feed.wake = asyncio.get_running_loop().create_future()
            await feed.wake
        if feed.error:
            raise feed.error
        if feed.ended:
            raise StopAsyncIteration
        batch, feed.waiting, feed.news = feed.waiting, [], False
        return batch

    async def aclose(self) -> None:
        self._hub.remove(self._feed)
        self._feed.end(None)

    def __del__(self) -> None:
        self._hub.remove(self._feed)


class _Feed:
    """The hub's end of one watch."""

    def __init__(self, prefix: str, waiting: list[Change]) -> None:
        self.prefix = prefix
        self.waiting = waiting
        self.news = True  # the first step does not wait: it tells that the watch is open
        self.wake: asyncio.Future[None] | None = None
        self.error: Exception | None = None
        self.ended = False

    def put(self, changes: Sequence[Change]) -> bool:
        """Add changes; return False when the reader lags too far behind."""
        if len(self.waiting) + len(changes) > WATCH_BUFFER_EVENTS and self.waiting:
            return False
        self.waiting += changes
        self._tell()
        return True

    def end(self, error: Exception | None) -> None:
        """End the watch, with an error where it did not end on purpose."""
        self.error = self.error or error
        self.ended = True
        self.waiting = []
        self._tell()

    def _tell(self) -> None:
        self.news = True
        if self.wake and not self.wake.done():
            self.wake.set_result(None)


class WatchHub:
    """All watches of one store.

    Args:
        history: asked for the changes between a watch's start and now, and for the present revision.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        # A bucket's name, or "" for the prefixes that reach over several buckets.
        self._feeds: dict[str, list[_Feed]] = {}

    @property
    def revision(self) -> int:
        """Revision up to which every change was handed out."""
        return self._history.revision

    def __len__(self) -> int:
        """Return the number of open watches."""
        return sum(len(feeds) for feeds in self._feeds.values())

    def open(self, prefix: str, after: int) -> HubWatch:
        """Return a watch of `prefix` from `after` on. Raises: Compacted, FutureRevision."""
        feed = _Feed(prefix, self._history.since(prefix, after))
        self._feeds.setdefault(_group_of(prefix), []).append(feed)
        return HubWatch(self, feed)

    def publish(self, changes: Sequence[Change]) -> None:
        """Hand out changes the history has taken in, in order."""
        groups: dict[str, list[Change]] = {}
        for change in changes:
            groups.setdefault(bucket_of(change.key), []).append(change)
        for name, part in groups.items():
            self._hand_out(name, part)
        self._hand_out("", changes)

    def remove(self, feed: _Feed) -> None:
        """Forget a watch; unknown ones are ignored."""
        name = _group_of(feed.prefix)
        feeds = [other for other in self._feeds.get(name, ()) if other is not feed]
        if feeds:
            self._feeds[name] = feeds
        else:
            self._feeds.pop(name, None)

    def end(self, error: StoreFailed | None = None) -> None:
        """End every watch."""
        feeds = [feed for group in self._feeds.values() for feed in group]
        self._feeds.clear()
        for feed in feeds:
            feed.end(error)

    def _hand_out(self, name: str, changes: Sequence[Change]) -> None:
        for feed in self._feeds.get(name, ()):
            mine = changes if feed.prefix == name else [one for one in changes if one.key.startswith(feed.prefix)]
            if mine and not feed.put(mine):
                self._drop(feed)

    def _drop(self, feed: _Feed) -> None:
        """End a watch whose reader lags: what it missed counts as compacted for it."""
        asked = feed.waiting[0].revision - 1
        self.remove(feed)
        feed.end(Compacted(asked, feed.waiting[-1].revision))


def _group_of(prefix: str) -> str:
    """Return the bucket that holds every key of `prefix`, "" where there may be several."""
    name = bucket_of(prefix)
    return name if name.count("/") >= 3 else ""

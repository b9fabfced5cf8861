"""Has the cache seen our own last writes? A key is not decided again before (KEP-5647; facts/reliability.md A.4, OR).

In: what `apply` wrote for a key, and the progress of the caches. Out: whether a key must wait, and a call when it need not.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.api.refs import ObjectKey, Resource
from moorage.informer.cache import Caches


@dataclass(frozen=True, slots=True)
class Seen:
    """A write to `resource` at `revision`: seen once the cache is that far."""

    resource: Resource
    revision: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A deletion that left no revision to wait for: seen once the cache has no object of that uid."""

    resource: Resource
    key: ObjectKey
    uid: str


Written = Seen | Gone


class Freshness:
    """The writes of one controller that its caches have not shown yet.

    Args:
        caches: what decisions read.
        follows: whether there is a cache of a resource; writes to others are not waited for.
        wake: called with a key that waited and need not any more.
    """

    def __init__(self, caches: Caches, follows: Callable[[Resource], bool], wake: Callable[[ObjectKey], None]) -> None:
        self._caches = caches
        self._follows = follows
        self._wake = wake
        self._unseen: dict[ObjectKey, list[Written]] = {}
        self._waiting: set[ObjectKey] = set()

    def wrote(self, key: ObjectKey, writes: list[Written]) -> None:
        """Note what was written for `key`."""
        if writes:
            unseen = self._unseen.setdefault(key, [])
            unseen.extend(write for write in writes if self._follows(write.resource))
            unseen.sort(key=_order)

    def stale(self, key: ObjectKey) -> bool:
        """Return whether `key` must wait; if so, `wake` will be called for it."""
        unseen = self._unseen.get(key)
        if unseen is None:
            return False
        while unseen and self._is_seen(unseen[-1]):
            unseen.pop()
        if not unseen:
            del self._unseen[key]
            return False
        self._waiting.add(key)
        return True

    def progressed(self) -> None:
        """Look at the waiting keys again: some cache has moved."""
        if not self._waiting:
            return  # the usual case, met on every change of every cache
        for key in [key for key in self._waiting if not self.stale(key)]:
            self._waiting.discard(key)
            self._wake(key)

    def _is_seen(self, write: Written) -> bool:
        cache = self._caches.of(write.resource)
        if isinstance(write, Seen):
            return cache.revision >= write.revision
        found = cache.get(write.key)
        return found is None or found.view.metadata.uid != write.uid


def _order(write: Written) -> int:
    """Sort the latest write last: it is looked at first, and while it is unseen the others need no look."""
    return write.revision if isinstance(write, Seen) else 0

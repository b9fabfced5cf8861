"""When to compact: history is kept for one to two intervals, and never fewer than the latest revisions.

In: a store and a clock. Out: `compact` calls, for as long as the store lives. The scheme is Kubernetes' own for etcd
(fact sheet on reliability, C.3): compact to the revision seen one interval ago.
"""

from moorage.base.limits import COMPACTION_SECONDS, MIN_KEPT_REVISIONS
from moorage.base.ports import Clock
from moorage.store.ports import Store


def target(seen: int, revision: int, kept: int = MIN_KEPT_REVISIONS) -> int:
    """Return the revision to compact to.

    Args:
        seen: the store's revision one interval ago.
        revision: the store's revision now.
        kept: how many of the latest revisions stay in any case.
    """
    return max(min(seen, revision - kept), 0)


async def run(store: Store, clock: Clock, interval: float = COMPACTION_SECONDS) -> None:
    """Compact every `interval` seconds until cancelled. Raises: StoreFailed."""
    seen = store.revision
    while True:
        await clock.sleep(interval)
        now = store.revision
        goal = target(seen, now)
        if goal > store.compacted:
            await store.compact(goal)
        seen = now

"""What the server does by itself, slowly: forget old history, remove old Events.

In: the clock. Out: fewer things. One loop; it dies with the server, and its death makes the server unhealthy.
The store is compacted by `store.compactor`.
"""

import datetime

from moorage.api import meta, scheme
from moorage.api.times import parse_time
from moorage.apiserver.call import Services
from moorage.apiserver.options import DeleteOptions
from moorage.apiserver.registry import Order
from moorage.apiserver.stored import Stored
from moorage.apiserver.watchers import Selection
from moorage.base.errors import ApiError
from moorage.base.limits import EVENT_TTL_SECONDS
from moorage.client.ports import User

_STEP_SECONDS = 30.0
_OWN_USER = User("system:apiserver", ("system:masters",))


class Maintenance:
    """The loop.

    Args:
        services: what it tends.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self) -> None:
        """Tend until cancelled."""
        clock = self._services.ambient.clock
        while True:
            await clock.sleep(_STEP_SECONDS)
            self._services.cache.trim()
            await self.remove_old_events()

    async def remove_old_events(self) -> None:
        """Delete Events that nothing touched for `EVENT_TTL_SECONDS`."""
        before = self._services.ambient.clock.now() - datetime.timedelta(seconds=EVENT_TTL_SECONDS)
        strategy = self._services.strategies[scheme.EVENTS]
        for stored in self._services.cache.shelf(scheme.EVENTS).select(Selection()):
            if _last_touched(stored) < before:
                options = DeleteOptions(resource_version=str(stored.revision))
                try:
                    await self._services.deleter.delete(Order(strategy, stored.key, _OWN_USER), options)
                except ApiError:
                    continue  # touched or gone since: looked at again next time


def _last_touched(stored: Stored) -> datetime.datetime:
    document = stored.document
    series = document.get("series") or {}
    texts = (
        document.get("lastTimestamp"),
        series.get("lastObservedTime"),
        document.get("eventTime"),
        meta.metadata(document).get("creationTimestamp"),
    )
    return max(parse_time(text) for text in texts if text)

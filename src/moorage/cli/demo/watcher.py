"""An eye on one kind of object: every watch event in the order it came, and the objects as they are now.

In: an `Api`. Out: `Watcher.sightings`, `Watcher.objects`, and `until`, which waits for a condition instead of asking again.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from moorage.api.refs import Document, Resource
from moorage.base.errors import ApiError, Unavailable
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.requests import ListOptions

RETRY_SECONDS = 0.2


class Sighting(NamedTuple):
    """One watch event.

    Args:
        at: when it came, monotonic seconds.
        kind: ADDED, MODIFIED or DELETED.
        name: of the object.
        object: the object then.
    """

    at: float
    kind: str
    name: str
    object: Document


class Watcher:
    """Follows the objects of one resource in all namespaces, or in one.

    Args:
        api: where to watch.
        resource: what to watch.
        clock: for the time of each sighting.
        namespace: "" for all.
    """

    def __init__(self, api: Api, resource: Resource, clock: Clock, namespace: str = "") -> None:
        self._api = api
        self._resource = resource
        self._clock = clock
        self._namespace = namespace
        self._changed = asyncio.Condition()
        self._revision = ""
        self.sightings: list[Sighting] = []
        self.objects: dict[str, Document] = {}

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._follow()
            except (ApiError, KeyError):
                # Too old a revision: begin again with everything there is.
                self._revision = ""
                await self._clock.sleep(RETRY_SECONDS)
            except Unavailable:
                await self._clock.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        options = ListOptions(revision=self._revision, bookmarks=True)
        async for event in self._api.watch(self._resource, self._namespace, options):
            self._revision = event.object["metadata"]["resourceVersion"]
            if event.type != "BOOKMARK":
                await self._take(event.type, event.object)

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait until `condition` is true after some event; return whether it became so within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(condition()))
        except TimeoutError:
            return False
        return True

    def mark(self) -> int:
        """Return a place in `sightings` to look from later."""
        return len(self.sightings)

    async def _take(self, kind: str, found: Document) -> None:
        name = found["metadata"]["name"]
        async with self._changed:
            self.sightings.append(Sighting(self._clock.monotonic(), kind, name, found))
            if kind == "DELETED":
                self.objects.pop(name, None)
            else:
                self.objects[name] = found
            self._changed.notify_all()

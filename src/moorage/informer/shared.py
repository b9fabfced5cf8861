"""Every cache of the process: one reflector a resource, however many readers.

In: which resources, indexes and listeners are wanted. Out: `SharedCaches`, the `Caches` of controllers, scheduler, DNS.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from moorage.api.refs import Resource
from moorage.base.ports import Clock
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.requests import ListOptions
from moorage.informer.cache import Cache, Cached, Index
from moorage.informer.objects import ObjectCache
from moorage.informer.reflector import Listener, Reflector

Concerns = Callable[[Cached[Any] | None, Cached[Any] | None], bool]
"""(before, after) → whether a change can concern those who asked; a function of the module, so that it can be shared."""


class SharedCaches:
    """The caches of one process. Ask for what you need, then `start`; asking later works too.

    Args:
        api: where objects come from.
        clock: for back-off.
        tasks: runs the reflectors.
    """

    def __init__(self, api: Api, clock: Clock, tasks: Tasks) -> None:
        self._api = api
        self._clock = clock
        self._tasks = tasks
        self._caches: dict[Resource, ObjectCache] = {}
        self._reflectors: dict[Resource, Reflector] = {}
        self._behind: dict[tuple[Resource, Concerns], list[Listener]] = {}
        self._runs: list[asyncio.Task[Any]] = []
        self._started = False
        self._change = asyncio.Event()

    def require(
        self,
        resource: Resource,
        indexes: Iterable[Index] = (),
        namespace: str = "",
        selected: ListOptions | None = None,
    ) -> None:
        """Make sure that `resource` is followed and `indexes` are kept.

        Args:
            resource: what to follow.
            indexes: to keep besides those already asked for.
            namespace: follow this one only; the first to ask decides.
            selected: follow what these labels and fields select only; the first to ask decides.
        """
        cache = self._caches.get(resource)
        if cache is None:
            cache = self._caches[resource] = ObjectCache(resource, now=self._clock.now)
            reflector = Reflector(self._api, self._clock, cache, namespace, selected)
            reflector.progress_listeners.append(self._change.set)
            self._reflectors[resource] = reflector
            if self._started:
                self._run(resource, reflector)
        for index in indexes:
            cache.add_index(index)

    def of(self, resource: Resource) -> Cache[Any]:
        """Return the cache of `resource`. Raises `KeyError` where nobody asked for it."""
        return self._caches[resource]

    def follows(self, resource: Resource) -> bool:
        """Return whether somebody asked for `resource`."""
        return resource in self._caches

    def listen(self, resource: Resource, listener: Listener, concerns: Concerns | None = None) -> None:
        """Call `listener` after each change; for what the cache already holds it is called now, as additions.

        Args:
            resource: what changes.
            listener: see `Listener`.
            concerns: only after changes of which this says so; listeners that share it cost one call of it a change.
        """
        self._listeners(resource, concerns).append(listener)
        for entry in list(self._caches[resource]):
            if concerns is None or concerns(None, entry):
                listener(None, entry)

    def listen_progress(self, resource: Resource, progressed: Callable[[], None]) -> None:
        """Call `progressed` whenever the cache's revision moved, also where no object changed."""
        self._reflectors[resource].progress_listeners.append(progressed)

    def synced(self) -> bool:
        """Return whether every cache holds a whole list."""
        return all(reflector.synced for reflector in self._reflectors.values())

    async def start(self) -> None:
        """Start following, and wait until every cache is `synced`."""
        if not self._started:
            self._started = True
            for resource, reflector in self._reflectors.items():
                self._run(resource, reflector)
        while not self.synced():
            self._change.clear()
            await self._change.wait()

    async def stop(self) -> None:
        """Stop following; the caches stay readable."""
        for run in self._runs:
            run.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)
        self._runs.clear()
        self._started = False

    def _listeners(self, resource: Resource, concerns: Concerns | None) -> list[Listener]:
        """Return the list a listener joins: the reflector's own, or that of all who share a question."""
        own = self._reflectors[resource].listeners
        if concerns is None:
            return own
        behind = self._behind.get((resource, concerns))
        if behind is None:
            behind = self._behind[resource, concerns] = []
            own.append(partial(_pass_on, concerns, behind))
        return behind

    def _run(self, resource: Resource, reflector: Reflector) -> None:
        self._runs.append(self._tasks.start(resource.qualified, reflector.run()))


def _pass_on(concerns: Concerns, behind: list[Listener], before: Cached[Any] | None, after: Cached[Any] | None) -> None:
    if concerns(before, after):
        for listener in behind:
            listener(before, after)

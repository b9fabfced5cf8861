"""Keeps one cache in step with the API: carries out what `informer.machine` wants.

In: an `Api`, an `ObjectCache`. Out: a cache that follows, and calls to its listeners after each change.
"""

from collections.abc import Callable
from typing import Any

from moorage.api.refs import Document
from moorage.base.errors import ApiError, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.ports import WatchEvent
from moorage.client.requests import ListOptions
from moorage.informer import machine
from moorage.informer.cache import Cached
from moorage.informer.objects import Change, ObjectCache

_log = logger("informer")
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 10.0
_EXPIRED = 410

Listener = Callable[[Cached[Any] | None, Cached[Any] | None], None]
"""(before, after), called after the cache has changed; must not raise."""


class Reflector:
    """One list and watch.

    Args:
        api: where from.
        clock: for the back-off.
        cache: what is kept in step; the reflector is its only writer.
        namespace: only this one; "" is all.
        selected: labels and fields to narrow to.
    """

    def __init__(
        self, api: Api, clock: Clock, cache: ObjectCache, namespace: str = "", selected: ListOptions | None = None
    ) -> None:
        self._api = api
        self._clock = clock
        self._cache = cache
        self._namespace = namespace
        self._selected = selected or ListOptions()
        self._state = machine.State()
        self._next: machine.List | machine.Watch | None = None
        self.synced = False
        self.listeners: list[Listener] = []
        self.progress_listeners: list[Callable[[], None]] = []

    async def run(self) -> None:
        """Follow until cancelled."""
        self._feed(machine.Started())
        while self._next is not None:
            wanted, self._next = self._next, None
            if wanted.failures:
                await self._clock.sleep(wait_seconds(wanted.failures))
            if isinstance(wanted, machine.List):
                await self._list()
            else:
                await self._watch(wanted.revision)

    async def _list(self) -> None:
        try:
            listed = await self._api.list(self._cache.resource, self._namespace, self._options())
        except (ApiError, Unavailable) as problem:
            self._report("list", problem)
            self._feed(machine.Failed(listing=True))
            return
        revision = int(listed["metadata"]["resourceVersion"])
        self._feed(machine.Listed(tuple(map(self._typed, listed.get("items") or ())), revision))

    async def _watch(self, revision: int) -> None:
        events = self._api.watch(self._cache.resource, self._namespace, self._options(revision))
        try:
            async for event in events:
                if event.type == "ERROR":
                    raise ApiError(event.object)
                self._feed(_happened(event))
        except ApiError as problem:
            self._report("watch", problem)
            self._feed(machine.Expired() if problem.code == _EXPIRED else machine.Failed(listing=problem.code < 429))
        except Unavailable as problem:
            self._report("watch", problem)
            self._feed(machine.Failed())
        else:
            self._feed(machine.Ended())
        finally:
            await events.aclose()

    def _feed(self, event: machine.Input) -> None:
        self._state, effects = machine.step(self._state, event)
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: machine.Effect) -> None:
        match effect:
            case machine.List() | machine.Watch():
                self._next = effect
            case machine.Replace(documents, revision):
                changes = self._cache.replace(documents, revision)
                self.synced = True
                self._tell(changes)
            case machine.Apply(document, revision, deleted):
                change = self._cache.apply(document, revision, deleted=deleted)
                self._tell([change] if change else [])
            case machine.Progress(revision):
                self._cache.progress(revision)
                self._tell([])

    def _tell(self, changes: list[Change]) -> None:
        for before, after in changes:
            for listener in self.listeners:
                listener(before, after)
        for progressed in self.progress_listeners:
            progressed()

    def _typed(self, item: Document) -> Document:
        """Return a list item with the kind that lists leave out of built-in objects."""
        if "kind" in item:
            return item
        return {"apiVersion": self._cache.resource.api_version, "kind": self._cache.resource.kind, **item}

    def _options(self, revision: int = 0) -> ListOptions:
        asked = self._selected
        return ListOptions(asked.labels, asked.fields, str(revision) if revision else "", bookmarks=bool(revision))

    def _report(self, verb: str, problem: Exception) -> None:
        _log.info(f"{verb} failed, trying again", resource=self._cache.resource.qualified, problem=problem)


def wait_seconds(failures: int) -> float:
    """Return how long to wait after `failures` in a row, seconds."""
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_WAIT_SECONDS)


def _happened(event: WatchEvent) -> machine.Happened:
    document: Document = event.object
    return machine.Happened(event.type, document, int(document["metadata"]["resourceVersion"]))

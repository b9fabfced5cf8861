"""Watches: the present if asked, then every change, bookmarks, and an end.

In: selectors, resourceVersion, timeoutSeconds. Out: an opened watch; `core` turns its events into documents or bytes.
Rules: fact sheet apiserver.md 5.1.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from moorage.api.fields import FieldSelector, Term
from moorage.api.refs import Document
from moorage.apiserver import errors, options
from moorage.apiserver.call import Call, Services
from moorage.apiserver.handlers.fieldlabels import known_labels
from moorage.apiserver.handlers.revisions import parse_revision
from moorage.apiserver.routes import pinned_name
from moorage.apiserver.shelf import Shelf
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.watchers import Event, Selection, Watcher, event_for
from moorage.base.limits import BOOKMARK_SECONDS, DEFAULT_WATCH_SECONDS

_LAST_BOOKMARK = 2.0
"""Seconds before its end at which a watch gets a last bookmark."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything up to `revision` was delivered."""

    revision: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The watch ends because of an error."""

    status: Document


Item = Event | Bookmark | Failed


@dataclass(slots=True)
class Opened:
    """A watch that was accepted.

    Args:
        first: what is known at once: the present, or changes since the revision asked for.
        watcher: what comes; already told, so nothing is missed between.
        shelf: where it is registered.
        bookmarks: whether the client wants them.
        seconds: its life.
    """

    first: list[Item]
    watcher: Watcher
    shelf: Shelf
    bookmarks: bool
    seconds: float


async def open_watch(call: Call, services: Services) -> Opened:
    """Accept or refuse a watch. Raises: ApiError (400, 422)."""
    request = call.request
    _check(call)
    selection = options.selection(request, call.resource, call.route.namespace, known_labels(call.strategy))
    if call.route.name and not pinned_name(request):
        terms = (*selection.fields.terms, Term("metadata.name", call.route.name))
        selection = selection._replace(fields=FieldSelector(terms))
    revision = parse_revision(request.param("resourceVersion"), "ListOptions")
    await services.cache.reached(services.store.revision)
    seconds = float(options.whole(request, "timeoutSeconds"))
    if seconds <= 0:
        seconds = services.ambient.chance.uniform(DEFAULT_WATCH_SECONDS, 2 * DEFAULT_WATCH_SECONDS)
    shelf = services.cache.shelf(call.resource)
    watcher = Watcher(selection)
    first = _first(shelf, selection, revision)
    shelf.watchers.add(watcher)
    bookmarks = request.param("allowWatchBookmarks") in ("true", "1")
    return Opened(first, watcher, shelf, bookmarks, seconds)


async def follow(opened: Opened, services: Services) -> AsyncGenerator[list[Item], None]:
    """Yield batches until the watch ends; the first batch comes at once and may be empty."""
    clock, watcher = services.ambient.clock, opened.watcher
    end = clock.monotonic() + opened.seconds
    marks = _Bookmarks(clock.monotonic(), end, wanted=opened.bookmarks)
    try:
        yield opened.first
        if opened.first and isinstance(opened.first[-1], Failed):
            return
        while not watcher.closed:
            left = min(end, marks.due) - clock.monotonic()
            batch: list[Item] = [*await watcher.take(max(left, 0.0))]
            if watcher.overrun:
                yield [Failed(_too_old(0, services.cache.revision))]
                return
            if marks.is_due(clock.monotonic()):
                batch.append(Bookmark(services.cache.revision))
            if batch:
                yield batch
            if clock.monotonic() >= end:
                return
    finally:
        opened.shelf.watchers.remove(watcher)


class _Bookmarks:
    """When the next bookmark is due: every minute, and shortly before the end."""

    def __init__(self, start: float, end: float, *, wanted: bool) -> None:
        self._last = max(end - _LAST_BOOKMARK, start)
        self._end = end
        self.due = min(start + BOOKMARK_SECONDS, self._last) if wanted else end + 1.0

    def is_due(self, now: float) -> bool:
        """Return whether a bookmark is due now, and plan the next."""
        if now < self.due:
            return False
        self.due = self._end + 1.0 if self.due >= self._last else min(now + BOOKMARK_SECONDS, self._last)
        return True


def _first(shelf: Shelf, selection: Selection, revision: int) -> list[Item]:
    if not revision:
        return [Event("ADDED", stored) for stored in shelf.select(selection)]
    if revision < shelf.oldest:
        return [Failed(_too_old(revision, shelf.oldest))]
    events = (event_for(change, selection) for change in shelf.since(revision))
    return [event for event in events if event is not None]


def _too_old(asked: int, oldest: int) -> Document:
    return errors.status(410, "Expired", f"too old resource version: {asked} ({oldest})")


def _check(call: Call) -> None:
    """Refuse what only lists, or newer servers, know (ValidateListOptions; apiserver.md section 3: 422 makes informers list)."""
    request = call.request
    problems = []
    match = request.param("resourceVersionMatch")
    if match:
        detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        problems.append(FieldError("Forbidden", "resourceVersionMatch", None, detail))
        if match != "NotOlderThan":
            problems.append(FieldError("NotSupported", "resourceVersionMatch", match, '"NotOlderThan"'))
    if request.param("sendInitialEvents"):
        detail = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
        problems.append(FieldError("Forbidden", "sendInitialEvents", None, detail))
    if problems:
        raise errors.invalid_options("ListOptions", problems)

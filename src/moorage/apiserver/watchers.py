"""Who watches one resource: changes go only to those they can concern, filtered by their selectors.

In: changes from `watchcache`. Out: batches of events to `handlers.watch`. Bounded: who lags too far behind is ended.
"""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from moorage.api.fields import EVERYTHING as ALL_FIELDS
from moorage.api.fields import FieldSelector
from moorage.api.labels import EVERYTHING as ALL_LABELS
from moorage.api.labels import Selector
from moorage.apiserver.stored import Change, Stored
from moorage.base.limits import WATCH_BUFFER_EVENTS


class Selection(NamedTuple):
    """Which objects of a resource are meant."""

    namespace: str = ""
    labels: Selector = ALL_LABELS
    fields: FieldSelector = ALL_FIELDS

    def matches(self, stored: Stored) -> bool:
        """Return whether an object is selected."""
        if self.namespace and stored.key.namespace != self.namespace:
            return False
        if self.fields.terms and not self.fields.matches(stored.fields):
            return False
        return not self.labels.requirements or self.labels.matches(stored.document["metadata"].get("labels"))


class Event(NamedTuple):
    """What one watcher is told."""

    type: str
    stored: Stored


def event_for(change: Change, selection: Selection) -> Event | None:
    """Return what a change means to a watcher: entering a selection is an addition, leaving it a deletion."""
    was = change.before is not None and selection.matches(change.before)
    if change.after is not None and selection.matches(change.after):
        return Event("MODIFIED" if was else "ADDED", change.after)
    return Event("DELETED", change.gone) if was else None


class Watcher:
    """One open watch: a bounded buffer of events.

    Args:
        selection: what it wants to see.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.overrun = False
        self.closed = False
        self._waiting: list[Event] = []
        self._wake: asyncio.Future[None] | None = None

    def put(self, change: Change) -> None:
        """Take in a change."""
        event = event_for(change, self.selection)
        if event is None or self.overrun:
            return
        if len(self._waiting) >= WATCH_BUFFER_EVENTS:
            self.overrun = True
            self._waiting = []
        else:
            self._waiting.append(event)
        self._tell()

    def close(self) -> None:
        """End the watch from the server's side."""
        self.closed = True
        self._tell()

    async def take(self, seconds: float) -> list[Event]:
        """Return the events that came; wait up to `seconds` for the first. Empty when none came or the watch ended."""
        if not self._waiting and not self.overrun and not self.closed:
            loop = asyncio.get_running_loop()
            self._wake = loop.create_future()
            alarm = loop.call_later(seconds, self._tell)
            try:
                await self._wake
            finally:
                alarm.cancel()
                self._wake = None
        batch, self._waiting = self._waiting, []
        return batch

    def _tell(self) -> None:
        if self._wake and not self._wake.done():
            self._wake.set_result(None)


class Watchers:
    """The watches of one resource, grouped so that a change costs nothing to those who look elsewhere.

    Args:
        indexed: field labels by whose value watches are grouped.
    """

    def __init__(self, indexed: Iterable[str]) -> None:
        self._indexed = tuple(indexed)
        self._groups: dict[tuple[str, str], list[Watcher]] = {}
        self.closed = False
        """Whether new watches end at once: the server shuts down."""

    def __len__(self) -> int:
        """Return how many are open."""
        return sum(len(group) for group in self._groups.values())

    def add(self, watcher: Watcher) -> None:
        """Begin to tell a watcher; it ends at once where the server shuts down."""
        if self.closed:
            watcher.close()
        self._groups.setdefault(self._group(watcher.selection), []).append(watcher)

    def remove(self, watcher: Watcher) -> None:
        """Stop telling a watcher; unknown ones are ignored."""
        name = self._group(watcher.selection)
        left = [other for other in self._groups.get(name, ()) if other is not watcher]
        if left:
            self._groups[name] = left
        else:
            self._groups.pop(name, None)

    def tell(self, change: Change) -> None:
        """Tell every watcher that a change may concern."""
        if not self._groups:
            return
        for name in self._names(change):
            for watcher in self._groups.get(name, ()):
                watcher.put(change)

    def close(self) -> None:
        """End every watch."""
        for group in self._groups.values():
            for watcher in group:
                watcher.close()

    def _group(self, selection: Selection) -> tuple[str, str]:
        """Return the narrowest group of a selection."""
        name = selection.fields.required("metadata.name")
        if name is not None:
            return "metadata.name", name
        for field in self._indexed:
            value = selection.fields.required(field)
            if value is not None:
                return field, value
        return ("namespace", selection.namespace) if selection.namespace else ("", "")

    def _names(self, change: Change) -> Iterable[tuple[str, str]]:
        """Return the groups a change may concern."""
        state = change.state
        names = {("", ""), ("namespace", state.key.namespace), ("metadata.name", state.key.name)}
        for field in self._indexed:
            names |= {(field, side.fields.get(field, "")) for side in (change.before, change.after) if side}
        return names

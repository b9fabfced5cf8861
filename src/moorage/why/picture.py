"""What an explanation may look at: objects, events about them, and remembered plans.

In: an `Objects` (the API server's cache, or what a client has gathered). Out: `Picture`, with the look-ups that cost once.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from moorage.api import meta, owners
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import EVENTS

Plans = Callable[[str, ObjectKey], Sequence[Document]]
"""(kind, key) → what a ledger remembers of an object, oldest first (`reconcile.ledger.story`)."""


Grouped = dict[str, list[Document]]


class Objects(Protocol):
    """API objects, as they are now."""

    def get(self, resource: Resource, key: ObjectKey) -> Document | None:
        """Return one."""
        ...

    def all(self, resource: Resource, namespace: str = "") -> Iterable[Document]:
        """Return all of a namespace; "" for every one."""
        ...


def no_plans(_kind: str, _key: ObjectKey) -> Sequence[Document]:
    """Return what is remembered where nobody keeps a ledger."""
    return ()


class Picture:
    """One look at the cluster.

    Args:
        objects: see `Objects`.
        plans: see `Plans`.
        now: the present.
    """

    def __init__(self, objects: Objects, plans: Plans, now: datetime.datetime) -> None:
        self._objects = objects
        self.plans = plans
        self.now = now
        self._controlled: dict[tuple[Resource, str], Grouped] = {}
        self._events: dict[str, Grouped] = {}
        self._listed: dict[tuple[Resource, str], tuple[Document, ...]] = {}

    def get(self, resource: Resource, namespace: str, name: str) -> Document | None:
        """Return one object."""
        return self._objects.get(resource, ObjectKey(namespace if resource.namespaced else "", name))

    def all(self, resource: Resource, namespace: str = "") -> Sequence[Document]:
        """Return all objects of a namespace; "" for every one."""
        place = resource, namespace
        if place not in self._listed:
            self._listed[place] = tuple(self._objects.all(resource, namespace))
        return self._listed[place]

    def controlled(self, resource: Resource, owner: Document) -> Sequence[Document]:
        """Return the objects of a resource that another one of their namespace controls."""
        place = resource, meta.namespace(owner)
        if place not in self._controlled:
            self._controlled[place] = self._by_controller(*place)
        return self._controlled[place].get(meta.uid(owner), ())

    def warning(self, document: Document, *reasons: str) -> Document | None:
        """Return the newest event about an object with one of these reasons."""
        about = self.events(document)
        return max((one for one in about if one.get("reason") in reasons), key=_last, default=None)

    def events(self, document: Document) -> Sequence[Document]:
        """Return the events about an object."""
        namespace = meta.namespace(document)
        if namespace not in self._events:
            self._events[namespace] = self._by_subject(namespace)
        return self._events[namespace].get(meta.uid(document), ())

    def _by_subject(self, namespace: str) -> Grouped:
        found: Grouped = defaultdict(list)
        for event in self.all(EVENTS, namespace):
            found[(event.get("involvedObject") or {}).get("uid") or ""].append(event)
        return found

    def _by_controller(self, resource: Resource, namespace: str) -> Grouped:
        found: Grouped = defaultdict(list)
        for document in self.all(resource, namespace):
            controller = owners.controller_of(document)
            if controller is not None:
                found[controller["uid"]].append(document)
        return found


def _last(event: Document) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp") or ""

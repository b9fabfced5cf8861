"""Real caches filled by hand, for the pure parts of controllers.

In: a controller and documents. Out: `Caches` with every index the controller reads, and one decision.
"""

import datetime
from typing import Any

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.informer.objects import ObjectCache
from moorage.reconcile.controller import Controller
from moorage.reconcile.plan import Plan
from tests.fakes.clock import START


class FilledCaches:
    """`Caches` of one controller."""

    def __init__(self, controller: Controller[Any]) -> None:
        self._controller = controller
        self._caches: dict[Resource, ObjectCache] = {}
        self._revision = 0
        self.now: datetime.datetime | None = None
        """The clock of the caches; None: they have none."""
        for resource in (*(trigger.resource for trigger in controller.triggers), *controller.reads):
            self._caches.setdefault(resource, ObjectCache(resource, now=self._clock))
        for index in controller.indexes:
            self._caches.setdefault(index.resource, ObjectCache(index.resource, now=self._clock)).add_index(index)

    def of(self, resource: Resource) -> ObjectCache:
        return self._caches[resource]

    def put(self, *documents: Document) -> set[ObjectKey]:
        """Store documents; return the keys that the controller's triggers name for the changes."""
        return {key for document in documents for key in self._change(document, deleted=False)}

    def remove(self, document: Document) -> set[ObjectKey]:
        """Remove a document; return the keys likewise."""
        return self._change(document, deleted=True)

    def decide(self, key: ObjectKey, now: datetime.datetime = START) -> Plan | None:
        """Take a snapshot and decide; None where there was nothing to decide."""
        snapshot = self._controller.take(key, self)
        return None if snapshot is None else self._controller.decide(snapshot, now)

    def _clock(self) -> datetime.datetime | None:
        return self.now

    def _change(self, document: Document, *, deleted: bool) -> set[ObjectKey]:
        resource = scheme.by_kind(document["apiVersion"], document["kind"])
        assert resource is not None
        self._revision += 1
        metadata = {**document["metadata"], "resourceVersion": str(self._revision)}
        change = self.of(resource).apply({**document, "metadata": metadata}, self._revision, deleted=deleted)
        assert change is not None, f"{key_of(document)} was not there"
        triggers = (trigger for trigger in self._controller.triggers if trigger.resource == resource)
        asked = (one for one in triggers if one.concerns is None or one.concerns(change.before, change.after))
        return {key for trigger in asked for key in trigger.keys(change.before, change.after, self)}


def thing(resource: Resource, name: str, metadata: Document | None = None, **sections: Any) -> Document:
    """Return a document of `resource`, in namespace `default` where it has one, with uid `uid-<name>`."""
    own: Document = {"name": name, "uid": f"uid-{name}", "creationTimestamp": "2026-01-01T00:00:00Z"}
    if resource.namespaced:
        own["namespace"] = "default"
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {**own, **(metadata or {})},
        **sections,
    }


def key(name: str, namespace: str = "default") -> ObjectKey:
    """Return a key, in namespace `default` unless told."""
    return ObjectKey(namespace, name)

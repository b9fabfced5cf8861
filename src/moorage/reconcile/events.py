"""What an Event object of core/v1 looks like.

In: `Emit`, who tells it, when. Out: documents. `reconcile.recorder` writes them.
"""

import datetime
from dataclasses import dataclass

from moorage.api import meta
from moorage.api.refs import Document
from moorage.api.times import format_time
from moorage.reconcile.actions import Emit

MAX_MESSAGE = 1024
"""Longest message, characters (upstream's validation)."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells: `component` e.g. `statefulset-controller`; `host` for a node agent."""

    component: str
    host: str = ""


def document(event: Emit, source: Source, name: str, at: datetime.datetime) -> Document:
    """Return the Event object `name` that tells `event` for the first time."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace_of(event.about)},
        "involvedObject": reference(event.about),
        "type": event.type,
        "reason": event.reason,
        "message": event.message[:MAX_MESSAGE],
        "source": {"component": source.component} | ({"host": source.host} if source.host else {}),
        "firstTimestamp": format_time(at),
        "lastTimestamp": format_time(at),
        "count": 1,
        "reportingComponent": source.component,
        "reportingInstance": source.host,
    }


def reference(about: Document) -> Document:
    """Return the `involvedObject` of an event about a document."""
    fields = {
        "apiVersion": about.get("apiVersion"),
        "kind": about.get("kind"),
        "namespace": meta.namespace(about),
        "name": meta.name(about),
        "uid": meta.uid(about),
        "resourceVersion": meta.resource_version(about),
        "fieldPath": about.get("fieldPath"),
    }
    return {name: value for name, value in fields.items() if value}


def namespace_of(about: Document) -> str:
    """Return where an event lives: beside its object, or in `default` for a cluster-scoped one."""
    return meta.namespace(about) or "default"

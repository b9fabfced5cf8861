"""Event: what happened to an object.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (events.go), pkg/printers/internalversion.
"""

import datetime
from typing import Any

from moorage.api import meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import invalid, required
from moorage.apiserver.validation.values import named

_CLUSTER_KINDS = frozenset({"Node", "Namespace", "PersistentVolume", "StorageClass"})
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def validate_create(document: Document) -> list[FieldError]:
    """Check namespace and name, as for events of the core group."""
    found = []
    namespace, involved = meta.namespace(document), part(document, "involvedObject")
    about = involved.get("namespace", "")
    if not about:
        if namespace not in ("", "default"):
            found.append(invalid("involvedObject.namespace", about, "does not match event.namespace"))
    elif involved.get("kind") in _CLUSTER_KINDS:
        text = f"not allowed to be set for cluster-scoped {involved['kind']}"
        found += [] if about == namespace else [invalid("involvedObject.namespace", about, text)]
    elif about != namespace:
        found.append(invalid("involvedObject.namespace", about, "does not match event.namespace"))
    name = meta.name(document)
    found += named("metadata.name", name, names.dns_subdomain) if name else [required("metadata.name")]
    return found


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Check metadata and the rules of create."""
    return [*metadata.updated(new, old), *validate_create(new)]


def fields(document: Document) -> dict[str, str]:
    """Return what it can be selected by."""
    involved = part(document, "involvedObject")
    found = {f"involvedObject.{key}": involved.get(key, "") for key in _INVOLVED}
    found["reason"] = document.get("reason", "")
    found["type"] = document.get("type", "")
    found["reportingComponent"] = document.get("reportingComponent", "")
    found["source"] = part(document, "source").get("component", "") or found["reportingComponent"]
    return found


_COLUMNS = (
    Column("Last Seen"),
    Column("Type"),
    Column("Reason"),
    Column("Object"),
    Column("Subobject", priority=1),
    Column("Source", priority=1),
    Column("Message"),
    Column("First Seen", priority=1),
    Column("Count", priority=1),
    Column("Name", format="name", priority=1),
)


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells; the name comes last."""
    first = cells.since(document.get("firstTimestamp") or document.get("eventTime"), now)
    last = cells.since(document["lastTimestamp"], now) if document.get("lastTimestamp") else first
    count = document.get("count") or 1
    series = document.get("series")
    if series:
        last, count = cells.since(series.get("lastObservedTime"), now), series.get("count", 0)
    involved = part(document, "involvedObject")
    about = involved.get("kind", "").lower()
    return [
        last,
        document.get("type", ""),
        document.get("reason", ""),
        f"{about}/{involved['name']}" if involved.get("name") else about,
        involved.get("fieldPath", ""),
        _source(document),
        document.get("message", "").strip(),
        first,
        count,
        meta.name(document),
    ]


def _source(document: Document) -> str:
    source = part(document, "source")
    component = source.get("component") or document.get("reportingComponent", "")
    host = source.get("host") or ("" if source.get("component") else document.get("reportingInstance", ""))
    return ", ".join(one for one in (component, host) if one)


STRATEGY = Strategy(
    scheme.EVENTS,
    validate_create=validate_create,
    validate_update=validate_update,
    columns=_COLUMNS,
    row=row,
    fields=fields,
    create_on_update=True,
)

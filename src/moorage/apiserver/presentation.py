"""The shape a client asked for: objects as they are, Tables, or metadata alone.

In: an answer of a handler, or one event of a watch. Out: the same in the form of the Accept header.
"""

import datetime
from collections.abc import Sequence

from moorage.api.refs import Document, Resource
from moorage.apiserver import errors
from moorage.apiserver.answers import Answer, Many, One, Plain
from moorage.apiserver.call import Call
from moorage.apiserver.negotiate import Form
from moorage.apiserver.stored import Stored
from moorage.apiserver.tables import table


def present(call: Call, answer: Answer, now: datetime.datetime) -> Answer:
    """Return an answer in the form its request wants."""
    form = call.form
    if form.shape == "object" or not isinstance(answer, One | Many):
        return answer
    if form.shape == "partial" and form.many and isinstance(answer, One):
        kind = f"*{call.resource.group.partition('.')[0] or 'core'}.{call.resource.kind}"
        message = f"you requested PartialObjectMetadataList, but the requested object is not a list ({kind})"
        raise errors.failure(406, "NotAcceptable", message)
    if isinstance(answer, One):
        document = shaped(call, [answer.stored], {}, now) if form.shape == "table" else partial(answer.stored, form)
        return Plain(_with_revision(document, answer.stored), answer.code)
    if form.shape == "table":
        return Plain(shaped(call, answer.items, answer.metadata, now), answer.code)
    items = [partial(stored, form) for stored in answer.items] or None
    head = {"kind": "PartialObjectMetadataList", "apiVersion": f"meta.k8s.io/{form.version}"}
    return Plain({**head, "metadata": answer.metadata, "items": items}, answer.code)


def shaped(call: Call, items: Sequence[Stored], metadata: Document, now: datetime.datetime) -> Document:
    """Return objects as a Table."""
    return table(call.strategy, call.form, items, metadata, now)


def partial(stored: Stored, form: Form) -> Document:
    """Return an object's metadata alone."""
    head = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{form.version}"}
    return {**head, "metadata": stored.document["metadata"]}


def event_object(call: Call, stored: Stored, now: datetime.datetime, *, first: bool) -> Document:
    """Return the object of a watch event; column definitions come with the first event only."""
    if call.form.shape == "object":
        return stored.document
    if call.form.shape == "partial":
        return partial(stored, call.form)
    document = _with_revision(shaped(call, [stored], {}, now), stored)
    return document if first else {**document, "columnDefinitions": None}


def bookmark(call: Call, revision: int) -> Document:
    """Return the object of a bookmark."""
    resource: Resource = call.resource
    metadata: Document = {"resourceVersion": str(revision), "creationTimestamp": None}
    if call.form.shape == "table":
        head = {"kind": "Table", "apiVersion": f"meta.k8s.io/{call.form.version}"}
        return {**head, "metadata": {"resourceVersion": str(revision)}, "columnDefinitions": None, "rows": []}
    if call.form.shape == "partial":
        head = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{call.form.version}"}
        return {**head, "metadata": metadata}
    return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}


def _with_revision(document: Document, stored: Stored) -> Document:
    """A Table of one object carries that object's resourceVersion."""
    if document["kind"] == "Table":
        document["metadata"] = {"resourceVersion": str(stored.revision)}
    return document

"""Requests of the API as values: one pure function a verb.

In: resource, key, options. Out: `client.ports.Request`. `client.api` sends them.
"""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.client.ports import Request

PatchKind = Literal["merge", "strategic", "json", "apply"]
Propagation = Literal["", "Background", "Foreground", "Orphan"]
PATCH_TYPES: dict[PatchKind, str] = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
JSON = "application/json"
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list or watch is narrowed to.

    Args:
        labels: label selector as text.
        fields: field selector as text.
        revision: resourceVersion; "" is the newest state, "0" any.
        limit: most items of one page; 0 is all.
        follow: `continue` token of the page before.
        seconds: how long a watch lasts at most; 0 leaves it to the server.
        bookmarks: whether a watch wants bookmarks.
        accept: media type wanted, "" for JSON documents.
    """

    labels: str = ""
    fields: str = ""
    revision: str = ""
    limit: int = 0
    follow: str = ""
    seconds: int = 0
    bookmarks: bool = False
    accept: str = ""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is checked and on whose behalf.

    Args:
        field_manager: name in managedFields; "" lets the server take it from User-Agent.
        field_validation: `Strict`, `Warn`, `Ignore` or "" (the server's default).
        dry_run: go through everything but store nothing.
        force: take over fields of other appliers (apply only).
    """

    field_manager: str = ""
    field_validation: str = ""
    dry_run: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How an object is deleted.

    Args:
        uid: delete only this object, not a namesake.
        resource_version: delete only this state of it.
        grace_seconds: None is the object's own.
        propagation: "" is the kind's own.
        dry_run: store nothing.
    """

    uid: str = ""
    resource_version: str = ""
    grace_seconds: int | None = None
    propagation: Propagation = ""
    dry_run: bool = False


EVERYTHING = ListOptions()
PLAIN_WRITE = WriteOptions()
PLAIN_DELETE = DeleteOptions()


def get(resource: Resource, key: ObjectKey, subresource: str = "", accept: str = "") -> Request:
    """Read one object or its subresource."""
    return Request("GET", resource.path(key.namespace, key.name, subresource), (), _headers(accept))


def list_of(resource: Resource, namespace: str, options: ListOptions) -> Request:
    """List a collection; namespace "" is all of them."""
    return Request("GET", resource.path(namespace), _selection(options), _headers(options.accept))


def watch(resource: Resource, namespace: str, options: ListOptions) -> Request:
    """Watch a collection from `options.revision` on."""
    query: Query = (("watch", "true"), *_selection(options))
    if options.bookmarks:
        query += (("allowWatchBookmarks", "true"),)
    if options.seconds:
        query += (("timeoutSeconds", str(options.seconds)),)
    return Request("GET", resource.path(namespace), query, _headers(options.accept))


def create(resource: Resource, document: Document, options: WriteOptions) -> Request:
    """Create an object in the namespace its metadata names."""
    namespace = document["metadata"].get("namespace", "")
    return Request("POST", resource.path(namespace), _write(options), _headers("", JSON), document)


def create_under(resource: Resource, key: ObjectKey, subresource: str, document: Document) -> Request:
    """POST to a subresource (binding, eviction, token)."""
    return Request("POST", resource.path(key.namespace, key.name, subresource), (), _headers("", JSON), document)


def update(resource: Resource, document: Document, subresource: str, options: WriteOptions) -> Request:
    """PUT an object, or its subresource."""
    metadata = document["metadata"]
    path = resource.path(metadata.get("namespace", ""), metadata["name"], subresource)
    return Request("PUT", path, _write(options), _headers("", JSON), document)


@dataclass(frozen=True, slots=True)
class PatchBody:
    """A patch: `kind` says how `body` is to be read (a list of operations for `json`, else a document)."""

    body: Any
    kind: PatchKind = "merge"
    subresource: str = ""


def patch(resource: Resource, key: ObjectKey, body: PatchBody, options: WriteOptions) -> Request:
    """PATCH an object, or its subresource."""
    query = _write(options)
    if options.force:
        query += (("force", "true"),)
    path = resource.path(key.namespace, key.name, body.subresource)
    sent = body.body if isinstance(body.body, dict) else msgspec.json.encode(body.body)
    return Request("PATCH", path, query, _headers("", PATCH_TYPES[body.kind]), sent)


def delete(resource: Resource, key: ObjectKey, options: DeleteOptions) -> Request:
    """Delete one object."""
    return Request("DELETE", resource.path(key.namespace, key.name), (), _headers("", JSON), delete_document(options))


def delete_collection(resource: Resource, namespace: str, selected: ListOptions, options: DeleteOptions) -> Request:
    """Delete every selected object of a namespace."""
    return Request(
        "DELETE", resource.path(namespace), _selection(selected), _headers("", JSON), delete_document(options)
    )


def delete_document(options: DeleteOptions) -> Document:
    """Return `options` as a DeleteOptions document."""
    document: Document = {"apiVersion": "v1", "kind": "DeleteOptions"}
    guards = (("uid", options.uid), ("resourceVersion", options.resource_version))
    conditions = {name: value for name, value in guards if value}
    if conditions:
        document["preconditions"] = conditions
    if options.grace_seconds is not None:
        document["gracePeriodSeconds"] = options.grace_seconds
    if options.propagation:
        document["propagationPolicy"] = options.propagation
    if options.dry_run:
        document["dryRun"] = ["All"]
    return document


def binding(key: ObjectKey, uid: str, node: str) -> Document:
    """Return the Binding that puts a pod on a node."""
    metadata = {"namespace": key.namespace, "name": key.name, "uid": uid}
    target = {"apiVersion": "v1", "kind": "Node", "name": node}
    return {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}


def eviction(key: ObjectKey, options: DeleteOptions) -> Document:
    """Return the Eviction of a pod."""
    metadata = {"namespace": key.namespace, "name": key.name}
    return {
        "apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata, "deleteOptions": delete_document(options)
    }  # fmt: skip


def _selection(options: ListOptions) -> Query:
    pairs = (
        ("labelSelector", options.labels),
        ("fieldSelector", options.fields),
        ("resourceVersion", options.revision),
        ("limit", str(options.limit) if options.limit else ""),
        ("continue", options.follow),
    )
    return tuple(pair for pair in pairs if pair[1])


def _write(options: WriteOptions) -> Query:
    pairs = (
        ("fieldManager", options.field_manager),
        ("fieldValidation", options.field_validation),
        ("dryRun", "All" if options.dry_run else ""),
    )
    return tuple(pair for pair in pairs if pair[1])


def _headers(accept: str, content_type: str = "") -> dict[str, str]:
    headers = {"accept": accept or JSON}
    if content_type:
        headers["content-type"] = content_type
    return headers

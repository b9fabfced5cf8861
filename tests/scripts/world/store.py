"""Documents in memory under the rules of the API that controllers lean on: versions, finalizers, grace, cascades.

In: writes. Out: documents, and a call to each watcher for every change. Written from facts/apiserver.md, without
a line of the real server, so that the two can disagree.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, Literal

from moorage.api import meta
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.api.schema import Schemas
from moorage.api.scheme import PERSISTENTVOLUMECLAIMS, PODS
from moorage.api.times import format_time

Change = Literal["ADDED", "MODIFIED", "DELETED"]
Watcher = Callable[[Resource, Change, Document], None]
Gatekeeper = Callable[["Store", Resource, Document], None]
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_CASCADES = {"Orphan": ORPHAN, "Foreground": FOREGROUND}
_KEPT_ON_UPDATE = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")


class Refused(Exception):
    """The API said no."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.status, self.reason, self.message = status, reason, message or reason


class Store:
    """Every object, by resource and key.

    Args:
        schemas: for strategic merge patches.
        defaults: (resource, document) filled in place at creation and update.
    """

    def __init__(self, schemas: Schemas, defaults: Callable[[Resource, Document], None]) -> None:
        self.schemas, self.defaults = schemas, defaults
        self.now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        self.revision = 0
        self.objects: dict[Resource, dict[ObjectKey, Document]] = {}
        self.watchers: list[Watcher] = []
        self.gatekeepers: list[Gatekeeper] = []
        self.refused: set[tuple[str, Resource]] = set()
        self.made = 0

    # --- reading ---

    def find(self, resource: Resource, key: ObjectKey) -> Document | None:
        """Return an object, None if there is none."""
        return self.objects.get(resource, {}).get(key)

    def get(self, resource: Resource, key: ObjectKey) -> Document:
        """Return an object, or refuse with 404."""
        found = self.find(resource, key)
        if found is None:
            raise Refused(404, "NotFound", f'{resource.qualified} "{key.name}" not found')
        return found

    def all(self, resource: Resource) -> list[Document]:
        """Return every object of a resource."""
        return list(self.objects.get(resource, {}).values())

    def everything(self) -> Iterator[tuple[Resource, Document]]:
        """Iterate over a copy of every object."""
        for resource, found in list(self.objects.items()):
            for document in list(found.values()):
                yield resource, document

    # --- writing ---

    def create(self, resource: Resource, document: Document) -> Document:
        """Create an object, or refuse with AlreadyExists."""
        if not meta.name(document):
            document = {**document, "metadata": {**document["metadata"], "name": self._generated(document)}}
        key = key_of(document)
        if self.find(resource, key) is not None:
            raise Refused(409, "AlreadyExists", f'{resource.qualified} "{key.name}" already exists')
        self._guard("create", resource, key)
        for gatekeeper in self.gatekeepers:
            gatekeeper(self, resource, document)
        self.made += 1
        metadata = dict(document["metadata"])
        metadata |= {"uid": f"{self.made:08x}-0000-4000-8000-000000000000", "creationTimestamp": format_time(self.now)}
        metadata["generation"] = 1
        if resource == PERSISTENTVOLUMECLAIMS:
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), CLAIM_PROTECTION]
        made = {"apiVersion": resource.api_version, "kind": resource.kind, **document, "metadata": metadata}
        made["status"] = {"phase": "Pending"} if resource in (PODS, PERSISTENTVOLUMECLAIMS) else {}
        self.defaults(resource, made)
        return self._put(resource, made, "ADDED")

    def update(self, resource: Resource, document: Document, subresource: str = "") -> Document:
        """Replace an object, or its status; refuse with Conflict where uid or version is another."""
        key = key_of(document)
        old = self.get(resource, key)
        if not subresource:
            self._guard("update", resource, key)
        self._check(resource, old, meta.uid(document), meta.resource_version(document))
        metadata = {**document["metadata"], "resourceVersion": meta.resource_version(old)}
        metadata |= {name: old["metadata"][name] for name in _KEPT_ON_UPDATE if name in old["metadata"]}
        new = {**document, "metadata": metadata, "apiVersion": old["apiVersion"], "kind": old["kind"]}
        kept = "spec" if subresource == "status" else "status"
        if kept in old:
            new[kept] = old[kept]
        self.defaults(resource, new)
        for gatekeeper in self.gatekeepers:
            gatekeeper(self, resource, new)
        if new.get("spec") != old.get("spec"):
            metadata["generation"] = meta.generation(old) + 1
        if new == old:
            return old
        return self._finish(resource, new)

    def patch(
        self, resource: Resource, key: ObjectKey, patch: Any, kind: str = "merge", subresource: str = ""
    ) -> Document:
        """Patch an object; metadata.uid and resourceVersion in the patch are preconditions."""
        old = self.get(resource, key)
        if kind == "json":
            new = json_patch.apply(old, json_patch.parse(patch))
        else:
            named = meta.metadata(patch)
            self._check(resource, old, named.get("uid", ""), named.get("resourceVersion", ""))
            table = self.schemas.table(resource.definition)
            new = merge.apply(old, patch) if kind == "merge" else strategic.apply(old, patch, table)
        return self.update(resource, new, subresource)

    def delete(
        self, resource: Resource, key: ObjectKey, uid: str = "", grace: int | None = None, propagation: str = ""
    ) -> None:
        """Delete an object: at once, or marked where grace or finalizers say so."""
        old = self.get(resource, key)
        self._guard("delete", resource, key)
        self._check(resource, old, uid, "")
        seconds = self._grace(resource, old, grace)
        before = meta.deletion_grace_seconds(old)
        if meta.is_deleting(old) and before is not None and seconds >= before:
            seconds = before
        metadata = {**old["metadata"], "deletionGracePeriodSeconds": seconds}
        metadata.setdefault("deletionTimestamp", format_time(self.now))
        cascade = _CASCADES.get(propagation)
        if cascade and cascade not in meta.finalizers(old):
            metadata["finalizers"] = [*meta.finalizers(old), cascade]
        if resource == PODS and not meta.is_deleting(old):
            self._put(resource, {**old, "metadata": metadata}, "MODIFIED")  # seen terminating even with grace 0
        if metadata != old["metadata"] or not metadata.get("finalizers"):
            self._finish(resource, {**old, "metadata": metadata})

    def _generated(self, document: Document) -> str:
        return f"{meta.generate_name(document)[:58]}{self.made + 1:05d}"

    def _guard(self, verb: str, resource: Resource, key: ObjectKey) -> None:
        """Refuse what the story has forbidden for now: (verb, resource) in `refused`."""
        if (verb, resource) in self.refused:
            raise Refused(403, "Forbidden", f'{resource.qualified} "{key.name}" is forbidden: not now')

    def _finish(self, resource: Resource, new: Document) -> Document:
        """Store a change, or remove the object where it only waited for this."""
        gone = meta.is_deleting(new) and not meta.finalizers(new) and not meta.deletion_grace_seconds(new)
        return self._put(resource, new, "DELETED" if gone else "MODIFIED")

    def _put(self, resource: Resource, document: Document, change: Change) -> Document:
        self.revision += 1
        made = {**document, "metadata": {**document["metadata"], "resourceVersion": str(self.revision)}}
        found = self.objects.setdefault(resource, {})
        if change == "DELETED":
            del found[key_of(made)]
        else:
            found[key_of(made)] = made
        for watcher in list(self.watchers):
            watcher(resource, change, made)
        return made

    def _grace(self, resource: Resource, document: Document, asked: int | None) -> int:
        if resource != PODS:
            return 0
        spec, phase = document.get("spec") or {}, (document.get("status") or {}).get("phase")
        if not spec.get("nodeName") or phase in ("Failed", "Succeeded"):
            return 0
        default: int = spec.get("terminationGracePeriodSeconds", 30)
        return default if asked is None else asked

    def _check(self, resource: Resource, old: Document, uid: str, version: str) -> None:
        if uid and uid != meta.uid(old):
            raise Refused(409, "Conflict", f"uid {uid} is not {meta.uid(old)}")
        if version and version != meta.resource_version(old):
            text = "the object has been modified; please apply your changes to the latest version and try again"
            name = f'{resource.qualified} "{meta.name(old)}"'
            raise Refused(409, "Conflict", f"Operation cannot be fulfilled on {name}: {text}")

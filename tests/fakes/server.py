"""A small API server in memory: create, get, list, watch, update, patch, delete with preconditions.

In: `client.ports.Request`. Out: answers as a real server's, without defaults, validation and authorisation.
For tests of rooms below the API server; `refuse` scripts failures, `cut` ends watches, `requests` is what was asked.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec

from moorage.api.refs import Document
from moorage.base.errors import ApiError
from moorage.client.ports import Request, Response, WatchEvent
from moorage.client.responses import status

_COLLECTION_DEPTHS = {"api": 3, "apis": 4}


class FakeServer:
    """Objects by path, one revision a write, history for ever."""

    def __init__(self) -> None:
        self.revision = 100
        self.objects: dict[str, Document] = {}
        self.requests: list[Request] = []
        self.refuse: Callable[[Request], Document | None] = lambda request: None
        self.held = False
        self._history: list[tuple[int, str, str, Document]] = []
        self._compacted = 0
        self._epoch = 0
        self._news = asyncio.Condition()

    # --- the transport's doors ---

    async def call(self, request: Request) -> Response:
        self.requests.append(request)
        refusal = self.refuse(request)
        if refusal is not None:
            return Response(refusal["code"], refusal)
        try:
            return Response(200, await self._answer(request))
        except ApiError as problem:
            return Response(problem.code, dict(problem.status))

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        self.requests.append(request)
        refusal = self.refuse(request)
        if refusal is not None:
            raise ApiError(refusal)
        seen, epoch = int(request.param("resourceVersion") or self.revision), self._epoch
        if seen < self._compacted:
            yield WatchEvent("ERROR", status(410, f"too old resource version: {seen} ({self._compacted})"))
            return
        while epoch == self._epoch:
            for revision, kind, path, document in [] if self.held else list(self._history):
                if revision > seen and _collection(path) == request.path:
                    seen = revision
                    yield WatchEvent(kind, document)
            async with self._news:
                if epoch == self._epoch and (self.held or seen >= self._latest(request.path)):
                    await self._news.wait()

    async def close(self) -> None:
        await self.cut()

    # --- what tests do to it ---

    async def cut(self, *, compact: bool = False) -> None:
        """End every watch; with `compact`, forget the history too."""
        self._epoch += 1
        if compact:
            self._history.clear()
            self._compacted = self.revision
        await self.tell()

    async def hold(self, *, held: bool) -> None:
        """Hold watch events back, or let them go."""
        self.held = held
        await self.tell()

    async def put(self, path: str, document: Document) -> Document:
        """Write an object as is; uid and resourceVersion are added."""
        old = self.objects.get(path)
        self.revision += 1
        metadata = {"uid": f"uid-{self.revision}", **document["metadata"], "resourceVersion": str(self.revision)}
        stored = {**document, "metadata": metadata}
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            self.objects.pop(path, None)
            await self._happened("DELETED", path, stored)
        else:
            self.objects[path] = stored
            await self._happened("MODIFIED" if old else "ADDED", path, stored)
        return stored

    async def remove(self, path: str) -> None:
        """Delete an object as is."""
        old = self.objects.pop(path)
        self.revision += 1
        metadata = {**old["metadata"], "resourceVersion": str(self.revision)}
        await self._happened("DELETED", path, {**old, "metadata": metadata})

    async def tell(self) -> None:
        """Wake the watches."""
        async with self._news:
            self._news.notify_all()

    # --- verbs ---

    async def _answer(self, request: Request) -> Document:
        path = _object_path(request.path)
        match request.method:
            case "GET":
                return self._list(path) if _is_collection(path) else self._get(path)
            case "POST":
                return await self._create(path, _body(request))
            case "PUT":
                return await self._update(path, _body(request))
            case "PATCH":
                return await self._patch(path, _body(request))
            case _:
                return await self._delete(path, _body(request))

    def _get(self, path: str) -> Document:
        found = self.objects.get(path)
        if found is None:
            raise ApiError(status(404, f'{path} "{path.rsplit("/", 1)[1]}" not found'))
        return found

    def _list(self, path: str) -> Document:
        items = [document for own, document in sorted(self.objects.items()) if _in(path, own)]
        return {"kind": "List", "metadata": {"resourceVersion": str(self.revision)}, "items": items}

    async def _create(self, path: str, document: Document) -> Document:
        own = f"{path}/{document['metadata']['name']}"
        if own in self.objects:
            raise ApiError({**status(409, f"{own} already exists"), "reason": "AlreadyExists"})
        return await self.put(own, document)

    async def _update(self, path: str, document: Document) -> Document:
        old = self._get(path)
        self._check(old, document["metadata"])
        return await self.put(path, document)

    async def _patch(self, path: str, patch: Document) -> Document:
        old = self._get(path)
        self._check(old, patch.get("metadata", {}))
        new = _merged(old, patch)
        return old if new == old else await self.put(path, new)

    async def _delete(self, path: str, options: Document) -> Document:
        old = self._get(path)
        self._check(old, options.get("preconditions", {}), "the UID in the precondition does not match")
        if not old["metadata"].get("finalizers"):
            await self.remove(path)
            return {"kind": "Status", "status": "Success", "details": {"uid": old["metadata"]["uid"]}}
        return await self.put(path, _merged(old, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}))

    def _check(self, old: Document, wanted: Document, text: str = "the object has been modified") -> None:
        for name in ("uid", "resourceVersion"):
            if wanted.get(name) not in (None, old["metadata"][name]):
                raise ApiError({**status(409, text), "reason": "Conflict"})

    async def _happened(self, kind: str, path: str, document: Document) -> None:
        self._history.append((self.revision, kind, path, document))
        await self.tell()

    def _latest(self, collection: str) -> int:
        return max((entry[0] for entry in self._history if _collection(entry[2]) == collection), default=0)


def _is_collection(path: str) -> bool:
    parts = path.strip("/").split("/")
    depth = _COLLECTION_DEPTHS[parts[0]]
    return len(parts) == depth or (len(parts) == depth + 2 and parts[depth - 1] == "namespaces")


def _object_path(path: str) -> str:
    """Cut a subresource off."""
    parts = path.strip("/").split("/")
    depth = _COLLECTION_DEPTHS[parts[0]]
    namespaced = len(parts) > depth + 1 and parts[depth - 1] == "namespaces"
    return "/" + "/".join(parts[: depth + 3 if namespaced else depth + 1])


def _collection(path: str) -> str:
    """Return the collection over all namespaces that holds the object at `path`."""
    parts = path.strip("/").split("/")
    depth = _COLLECTION_DEPTHS[parts[0]]
    if len(parts) > depth + 1:
        del parts[depth - 1 : depth + 1]
    return "/" + "/".join(parts[:depth])


def _in(collection: str, path: str) -> bool:
    return _collection(path) == collection or path.rsplit("/", 1)[0] == collection


def _body(request: Request) -> Document:
    body: Any = request.body or {}
    return msgspec.json.decode(body) if isinstance(body, bytes) else body


def _merged(old: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    made = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = _merged(made.get(key), value)
    return made

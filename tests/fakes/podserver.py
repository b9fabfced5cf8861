"""A fake API server that deletes pods gracefully and merges status patches as the real one does.

In: what `FakeServer` takes. Out: pods that stay, with a deletionTimestamp, until deleted with grace 0.
"""

from typing import Any

from moorage.api.patch import strategic
from moorage.api.refs import Document
from moorage.api.schema import Schemas, TypeTable
from moorage.api.schemadata import load_definitions
from moorage.client.ports import Request, Response
from tests.fakes.server import FakeServer

PODS = "/api/v1/namespaces/default/pods"


class PodServer(FakeServer):
    """`FakeServer` for node agents."""

    def __init__(self) -> None:
        super().__init__()
        self._table: TypeTable = Schemas(load_definitions()).table("io.k8s.api.core.v1.Pod")
        self.status_writes: list[Document] = []

    async def call(self, request: Request) -> Response:
        pod = request.path.removesuffix("/status")
        mine = request.method == "PATCH" and pod != request.path and "/pods/" in pod and pod in self.objects
        if not mine or self.refuse(request) is not None:
            return await super().call(request)
        self.requests.append(request)
        return await self._write_status(request)

    async def put(self, path: str, document: Document) -> Document:
        """Write an object as is, being deleted or not."""
        old = self.objects.get(path)
        self.revision += 1
        metadata = {"uid": f"uid-{self.revision}", **document["metadata"], "resourceVersion": str(self.revision)}
        stored = {**document, "metadata": metadata}
        self.objects[path] = stored
        await self._happened("MODIFIED" if old else "ADDED", path, stored)
        return stored

    async def delete(self, name: str, grace: int, moment: str = "2026-01-01T00:10:00Z") -> None:
        """Mark a pod for deletion, as DELETE by a user does."""
        old = self.objects[f"{PODS}/{name}"]
        marks = {"deletionTimestamp": moment, "deletionGracePeriodSeconds": grace}
        await self.put(f"{PODS}/{name}", {**old, "metadata": {**old["metadata"], **marks}})

    def pod(self, name: str) -> Document | None:
        """Return a pod of namespace default."""
        return self.objects.get(f"{PODS}/{name}")

    def status(self, name: str) -> dict[str, Any]:
        """Return the status of a pod of namespace default."""
        return self.objects[f"{PODS}/{name}"].get("status") or {}

    async def changed(self) -> None:
        """Return after the next write."""
        async with self._news:
            await self._news.wait()

    def events(self) -> list[tuple[str, str]]:
        """Return reason and message of every event, in order of creation."""
        found = [one for path, one in self.objects.items() if "/events/" in path]
        return [(one["reason"], one["message"]) for one in found]

    async def _write_status(self, request: Request) -> Response:
        path = request.path.removesuffix("/status")
        old = self.objects[path]
        patch = dict(request.body) if isinstance(request.body, dict) else {}
        if patch["metadata"]["uid"] != old["metadata"]["uid"]:
            return Response(409, {"kind": "Status", "code": 409, "reason": "Conflict", "message": "uid"})
        new = strategic.apply(old, {"status": patch["status"]}, self._table)
        self.status_writes.append(new["status"])
        return Response(200, await self.put(path, new))

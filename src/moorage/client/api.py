"""The API as a Python object: one method a verb, typed on `Resource`, errors as `ApiError`.

In: resources, keys, documents. Out: documents, watch events. Over any `client.ports.Transport`.
Next rooms: `informer`, `reconcile`, and everyone who writes.
"""

from collections.abc import AsyncGenerator, AsyncIterator

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.api.scheme import PODS
from moorage.client import requests, responses
from moorage.client.ports import Request, Response, Transport, WatchEvent
from moorage.client.requests import (
    EVERYTHING,
    PLAIN_DELETE,
    PLAIN_WRITE,
    DeleteOptions,
    ListOptions,
    PatchBody,
    WriteOptions,
)


class Api:
    """Every verb. All methods raise `ApiError` (the server said no) or `Unavailable` (it could not be asked).

    A write that raised `Unavailable` may have happened: read before trying again.

    Args:
        transport: what carries the requests.
        agent: User-Agent; its part before `/` is the field manager where no other is given.
    """

    def __init__(self, transport: Transport, agent: str = "moorage") -> None:
        self._transport = transport
        self._agent = agent

    async def get(self, resource: Resource, key: ObjectKey, subresource: str = "") -> Document:
        """Read one object, or its subresource."""
        return await self.send(requests.get(resource, key, subresource))

    async def find(self, resource: Resource, key: ObjectKey) -> Document | None:
        """Read one object; None where there is none."""
        response = await self.raw(requests.get(resource, key))
        return None if response.code == 404 else await responses.document_of(response)

    async def list(self, resource: Resource, namespace: str = "", options: ListOptions = EVERYTHING) -> Document:
        """Read one page of a collection (all of it without `limit`) as its List document."""
        return await self.send(requests.list_of(resource, namespace, options))

    def watch(
        self, resource: Resource, namespace: str = "", options: ListOptions = EVERYTHING
    ) -> AsyncGenerator[WatchEvent, None]:
        """Follow a collection. The generator ends when the server ends the watch; close it (`aclose`) to stop early."""
        return self._transport.watch(self._signed(requests.watch(resource, namespace, options)))

    async def create(self, resource: Resource, document: Document, options: WriteOptions = PLAIN_WRITE) -> Document:
        """Create an object in the namespace its metadata names; return what was stored."""
        return await self.send(requests.create(resource, document, options))

    async def update(
        self, resource: Resource, document: Document, subresource: str = "", options: WriteOptions = PLAIN_WRITE
    ) -> Document:
        """Replace an object, or its subresource; return what was stored."""
        return await self.send(requests.update(resource, document, subresource, options))

    async def patch(
        self, resource: Resource, key: ObjectKey, body: PatchBody, options: WriteOptions = PLAIN_WRITE
    ) -> Document:
        """Patch an object, or its subresource; return what was stored."""
        return await self.send(requests.patch(resource, key, body, options))

    async def delete(self, resource: Resource, key: ObjectKey, options: DeleteOptions = PLAIN_DELETE) -> Document:
        """Delete an object; return it as it is now, or a Success Status where it is gone."""
        return await self.send(requests.delete(resource, key, options))

    async def delete_collection(
        self,
        resource: Resource,
        namespace: str,
        selected: ListOptions = EVERYTHING,
        options: DeleteOptions = PLAIN_DELETE,
    ) -> Document:
        """Delete every selected object of a namespace."""
        return await self.send(requests.delete_collection(resource, namespace, selected, options))

    async def bind(self, pod: ObjectKey, uid: str, node: str) -> Document:
        """Put a pod on a node; refused where it is on one already or `uid` is another pod's."""
        return await self.send(requests.create_under(PODS, pod, "binding", requests.binding(pod, uid, node)))

    async def evict(self, pod: ObjectKey, options: DeleteOptions = PLAIN_DELETE) -> Document:
        """Delete a pod if its disruption budget allows (429 if not)."""
        return await self.send(requests.create_under(PODS, pod, "eviction", requests.eviction(pod, options)))

    async def create_under(self, resource: Resource, key: ObjectKey, subresource: str, document: Document) -> Document:
        """POST to a subresource, e.g. `token`."""
        return await self.send(requests.create_under(resource, key, subresource, document))

    async def logs(self, pod: ObjectKey, query: requests.Query = ()) -> AsyncIterator[bytes]:
        """Stream a container's log as it comes.

        Args:
            pod: whose.
            query: `container`, `follow`, `tailLines`, `sinceSeconds`, `timestamps`, `previous`, …
        """
        request = Request("GET", PODS.path(pod.namespace, pod.name, "log"), query, {"accept": "*/*"})
        response = await self.raw(request)
        if response.code >= 400:
            await responses.document_of(response)
        body = response.body
        if isinstance(body, bytes | dict):
            yield await responses.whole(body)
            return
        async for chunk in body:
            yield chunk

    async def send(self, request: Request) -> Document:
        """Send a request made elsewhere; return the document of its answer."""
        return await responses.document_of(await self.raw(request))

    async def raw(self, request: Request) -> Response:
        """Send a request made elsewhere; return the answer as it is, errors included."""
        return await self._transport.call(self._signed(request))

    async def close(self) -> None:
        """Release connections."""
        await self._transport.close()

    def _signed(self, request: Request) -> Request:
        request.headers.setdefault("user-agent", self._agent)
        return request

"""`FakeServer` behind a socket, so that real clients can ask it: discovery, lists with selectors, watches as lines.

In: a `FakeServer`. Out: `Listening` with its address. It runs in a thread of its own, because our command line's transport
blocks. No Tables: clients print what they make of documents themselves.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Self

from aiohttp import web

from moorage.api import labels
from moorage.api.refs import Document, Resource
from moorage.api.scheme import CATALOGUE
from moorage.client.ports import Request, WatchEvent
from moorage.client.responses import status
from tests.fakes.server import FakeServer

Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


class Listening:
    """A server on loopback; use as a context manager.

    Args:
        server: whose objects are served.
        extra: handlers of paths of their own, e.g. of streaming subresources.
    """

    def __init__(self, server: FakeServer, extra: Mapping[str, Handler] | None = None) -> None:
        self.server = server
        self.url = ""
        self._extra = extra or {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self.do(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` in the server's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def later(self, seconds: float, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Run `work` in the server's loop after a while, for what happens while a client waits."""
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, lambda: self._loop.create_task(work()))

    async def _start(self) -> str:
        app = web.Application()
        for path, handler in self._extra.items():
            app.router.add_route("*", path, handler)
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        await self.server.close()
        await self._runner.cleanup()

    async def _handle(self, incoming: web.Request) -> web.StreamResponse:
        found = discovery(incoming.path)
        if found is not None:
            return web.json_response(found)
        query = tuple(incoming.query.items())
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        body = await incoming.read()
        request = Request(incoming.method, incoming.path, query, headers, body or None)
        if request.param("watch") in ("true", "1"):
            return await self._watch(incoming, request)
        if not _known(request.path):
            return web.json_response(status(404, "the server could not find the requested resource"), status=404)
        answer = await self.server.call(request)
        document: Any = answer.body
        if "items" in document:
            document = _listed(request, document)
        return web.json_response(document, status=answer.code)

    async def _watch(self, incoming: web.Request, request: Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(incoming)
        stream = self.server.watch(request)
        try:
            async for event in stream:
                await _send(response, request, event)
        except ConnectionError:
            pass
        finally:
            await stream.aclose()
        return response


async def _send(response: web.StreamResponse, request: Request, event: WatchEvent) -> None:
    if event.type == "ERROR" or _wanted(request, event.object):
        line = json.dumps({"type": event.type, "object": event.object}) + "\n"
        await response.write(line.encode())


def discovery(path: str) -> Document | None:
    """Return a discovery document of the catalogue; None for any other path."""
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = sorted({row.group for row in CATALOGUE if row.group})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(group) for group in groups]}
    rows = [row for row in CATALOGUE if path == row.path().rpartition("/")[0]]
    if not rows:
        return None
    return {"kind": "APIResourceList", "groupVersion": rows[0].api_version, "resources": [_row(row) for row in rows]}


def _group(name: str) -> Document:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _row(row: Resource) -> Document:
    return {
        "name": row.plural,
        "singularName": row.singular,
        "namespaced": row.namespaced,
        "kind": row.kind,
        "verbs": list(row.verbs),
        "shortNames": list(row.short_names),
        "categories": list(row.categories),
    }


def _listed(request: Request, listing: Document) -> Document:
    resource = next(row for row in CATALOGUE if _lists(row, request.path))
    head = {"apiVersion": resource.api_version, "kind": f"{resource.kind}List"}
    return {**listing, **head, "items": [item for item in listing["items"] if _wanted(request, item)]}


def _known(path: str) -> bool:
    rest = path.split("/namespaces/", 1)
    wanted = rest[1].split("/")[1:2] if len(rest) == 2 else []
    return not wanted or any(row.plural == wanted[0] for row in CATALOGUE)


def _lists(row: Resource, path: str) -> bool:
    return path.startswith(row.path().rpartition("/")[0]) and path.endswith(f"/{row.plural}")


def _wanted(request: Request, document: Document) -> bool:
    own = document["metadata"].get("labels")
    if not labels.parse(request.param("labelSelector")).matches(own or {}):
        return False
    return all(_field(document, term) for term in request.param("fieldSelector").split(",") if term)


def _field(document: Document, term: str) -> bool:
    differs = "!=" in term
    path, _, wanted = term.partition("!=" if differs else "=")
    value: Any = document
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return (str(value) == wanted) != differs

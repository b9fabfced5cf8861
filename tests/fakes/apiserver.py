"""The real API server over the memory store, for tests inside one event loop.

In: requests as short calls. Out: answers; errors are answers too. Nothing is faked but the clock.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from moorage.api.refs import Document
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver.bootstrap import bootstrap
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.base.ports import Clock
from moorage.base.system import SystemChance, SystemClock, SystemIds
from moorage.client.ports import Request, Response, User, WatchEvent
from moorage.store.memory import open_memory

ADMIN = User("admin", ("system:masters", "system:authenticated"))
T = TypeVar("T")


class Asker:
    """One user of one server."""

    def __init__(self, core: ApiServer, user: User = ADMIN) -> None:
        self.core = core
        self.user = user

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Request:
        """Return a request; a query may follow the path."""
        path, _, query = path.partition("?")
        pairs = tuple((key, value) for key, _, value in (part.partition("=") for part in query.split("&") if part))
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Request(method, path, pairs, named, body, self.user)

    async def answer(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Return the whole answer."""
        return await self.core.call(self.request(method, path, body, **headers))

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Document:
        """Return the document of an answer."""
        found = (await self.answer(method, path, body, **headers)).body
        assert isinstance(found, dict), found
        return found

    async def get(self, path: str, **headers: str) -> Document:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: Any, **headers: str) -> Document:
        return await self.ask("POST", path, body, **headers)

    async def put(self, path: str, body: Any) -> Document:
        return await self.ask("PUT", path, body)

    async def merge(self, path: str, body: Any) -> Document:
        return await self.ask("PATCH", path, body, content_type="application/merge-patch+json")

    async def delete(self, path: str, body: Any = None) -> Document:
        return await self.ask("DELETE", path, body)

    async def watch(self, path: str, count: int) -> list[WatchEvent]:
        """Return the first `count` events of a watch."""
        found: list[WatchEvent] = []
        events = self.core.watch(self.request("GET", path))
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
        await events.aclose()
        return found


@asynccontextmanager
async def serving(settings: ServerSettings | None = None, clock: Clock | None = None) -> AsyncGenerator[Asker, None]:
    """A started server with its first objects, and an account for pods in namespace `default`."""
    ambient = Ambient(clock or SystemClock(), SystemIds(), SystemChance())
    schemas = Schemas(load_definitions(), load_wire_table())
    core = ApiServer(open_memory(), schemas, STRATEGIES, ambient, settings or ServerSettings())
    await core.start()
    await bootstrap(core.services)
    asker = Asker(core)
    await asker.post("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    try:
        yield asker
    finally:
        await core.stop()


def on_server(test: Callable[[Asker], Awaitable[T]], settings: ServerSettings | None = None) -> T:
    """Run a coroutine against a fresh server."""

    async def run() -> T:
        async with serving(settings) as asker:
            return await test(asker)

    return asyncio.run(run())


def pod(name: str, **spec: Any) -> Document:
    """Return a small Pod."""
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "nginx"}], **spec}}

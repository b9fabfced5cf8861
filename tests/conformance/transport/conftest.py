"""Every transport in front of the same real API server over a memory store.

In: nothing. Out: `carry`, which runs a story over one transport, once a transport.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver.app import App
from moorage.apiserver.bootstrap import bootstrap
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.listening import bind
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.assembly import identities
from moorage.assembly.pki import Authority, Leaf
from moorage.base.system import SystemChance, SystemClock, SystemIds
from moorage.client.kubeconfig import Access
from moorage.client.ports import Transport
from moorage.client.transports.http import HttpTransport
from moorage.client.transports.inprocess import InProcess
from moorage.store.memory import MemoryStore

Story = Callable[[Transport], Awaitable[None]]
SCHEMAS = Schemas(load_definitions(), load_wire_table())


@asynccontextmanager
async def serving() -> AsyncIterator[ApiServer]:
    """A started API server."""
    ambient = Ambient(SystemClock(), SystemIds(), SystemChance())
    server = ApiServer(MemoryStore(), SCHEMAS, STRATEGIES, ambient, ServerSettings())
    await server.start()
    await bootstrap(server.services)
    try:
        yield server
    finally:
        await server.stop()


async def in_process(story: Story, _folder: Path) -> None:
    """Call the server directly."""
    async with serving() as server:
        await story(InProcess(server, identities.CONTROLLERS))


async def over_tls(story: Story, folder: Path) -> None:
    """Go through TLS, with a client certificate."""
    authority = Authority(folder, SystemClock())
    authority.ensure_authority()
    pair = authority.ensure(Leaf("server", "server", hosts=("127.0.0.1",)))
    admin = authority.ensure(identities.ADMIN)
    async with serving() as server:
        app = App(server)
        (own,) = bind(["127.0.0.1"], 0)
        await app.start(authority.server_context(pair), [own])
        pem = authority.certificate.read_bytes()
        access = Access(
            f"https://127.0.0.1:{own.getsockname()[1]}",
            "default",
            pem,
            admin.certificate.read_bytes(),
            admin.key.read_bytes(),
        )
        transport = HttpTransport(access.server, access.tls())
        try:
            await story(transport)
        finally:
            await transport.close()
            await app.stop()


@pytest.fixture(params=[in_process, over_tls], ids=["inprocess", "http"])
def carry(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], None]:
    """Run a story over one transport."""
    return lambda story: asyncio.run(request.param(story, tmp_path))

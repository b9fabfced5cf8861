"""The API on TLS: who is let in, which bodies are, and that nothing a client sends is our fault."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from moorage.apiserver.app import App
from moorage.apiserver.listening import bind
from moorage.assembly.pki import Authority, Leaf
from moorage.base.limits import MAX_BODY_BYTES
from moorage.base.system import SystemClock
from tests.fakes.apiserver import Asker, serving
from tests.fakes.clock import settle

BOMB = b"a: &a [x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 8)) for n in range(97, 107)
)
"""Ten lines that name a billion nodes."""
MAPS = "/api/v1/namespaces/default/configmaps"


class Site(NamedTuple):
    """A listening server and how to reach it."""

    url: str
    port: int
    admin: ssl.SSLContext
    nobody: ssl.SSLContext
    session: aiohttp.ClientSession
    asker: Asker


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder: Path = tmp_path_factory.mktemp("pki")
    made = Authority(folder, SystemClock())
    made.ensure_authority()
    return made


def on_site(authority: Authority, test: Callable[[Site], Awaitable[None]]) -> None:
    """Run a coroutine against a server on a free port of the loopback."""
    server = authority.ensure(Leaf("server", "apiserver", hosts=("127.0.0.1",)))
    admin = authority.client_context(authority.ensure(Leaf("admin", "admin", ("system:masters",))))

    async def run() -> None:
        async with serving() as asker, aiohttp.ClientSession() as session:
            app = App(asker.core)
            (own,) = bind(["127.0.0.1"], 0)
            await app.start(authority.server_context(server), [own])
            try:
                port = own.getsockname()[1]
                url = f"https://127.0.0.1:{port}"
                await test(Site(url, port, admin, authority.client_context(None), session, asker))
            finally:
                await app.stop()

    asyncio.run(run())


def test_a_certificate_names_the_user(authority: Authority) -> None:
    async def run(site: Site) -> None:
        async with site.session.get(site.url + "/api/v1/namespaces", ssl=site.admin) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-cache, private"
            assert answer.headers["Audit-Id"]
        async with site.session.get(site.url + "/api/v1/namespaces", ssl=site.nobody) as answer:
            assert (await answer.json())["message"].startswith(
                'namespaces is forbidden: User "system:anonymous" cannot list resource'
            )
        async with site.session.get(site.url + "/version", ssl=site.nobody) as answer:
            assert (await answer.json())["minor"] == "32"

    on_site(authority, run)


def test_bad_credentials(authority: Authority) -> None:
    async def run(site: Site) -> None:
        bearer = {"Authorization": "Bearer x.y.z"}
        async with site.session.get(site.url + "/version", ssl=site.nobody, headers=bearer) as answer:
            assert (answer.status, (await answer.json())["reason"]) == (401, "Unauthorized")
        as_admin = {"Impersonate-User": "admin", "Impersonate-Group": "system:masters"}
        async with site.session.get(site.url + "/version", ssl=site.nobody, headers=as_admin) as answer:
            assert answer.status == 403
        as_joe = {"Impersonate-User": "joe"}
        async with site.session.get(site.url + "/api/v1/pods", ssl=site.admin, headers=as_joe) as answer:
            assert 'User "joe" cannot list' in (await answer.json())["message"]

    on_site(authority, run)


def test_plain_http_is_not_answered(authority: Authority) -> None:
    async def run(site: Site) -> None:
        with pytest.raises(aiohttp.ClientError):
            await site.session.get(f"http://127.0.0.1:{site.port}/version")

    on_site(authority, run)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"metadata":{"name":"a"},"data":{"k":NaN}}', 400),
        (b'{"metadata":{"name":"a"},"data":{"k":1e400}}', 400),
        (b'{"metadata":{"name":"a"},"data":{"k":' + b"9" * 5000 + b"}}", 400),
        (b'{"metadata":{"name":"a"},"data":{"k":"\\ud800"}}', 201),
        (b'{"metadata":{"name":"a"},"data":{"k":"\xff"}}', 201),
        (b'{"metadata":{"name":"a","labels":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", 400),
        (b'{"metadata":{"name":"a"},"metadata":{"name":"b"}}', 201),
        (b'{"metadata":{"name":"../a"}}', 422),
        (b'{"metadata":{"name":"' + b"a" * 300 + b'"}}', 422),
        (b'{"metadata":5}', 400),
        (b'{"kind":"Pod","metadata":{"name":"a"}}', 400),
        (b'{"metadata":{"name":"a","annotations":{"a":"' + b"x" * 300_000 + b'"}}}', 422),
        (b"x" * (MAX_BODY_BYTES + 1), 413),
    ],
)
def test_bad_bodies_are_the_clients_fault(authority: Authority, body: bytes, code: int) -> None:
    async def run(site: Site) -> None:
        headers = {"Content-Type": "application/json"}
        async with site.session.post(site.url + MAPS, data=body, ssl=site.admin, headers=headers) as answer:
            document = await answer.json()
        assert answer.status == code, document
        assert code == 201 or document["kind"] == "Status"
        async with site.session.get(site.url + MAPS, ssl=site.admin) as answer:
            assert answer.status == 200

    on_site(authority, run)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"metadata:\n  name: a\ndata:\n  n: 'no'\n", 201),
        (b"metadata: {name: a}\na: &x [1]\nb: [*x, *x]\n", 201),
        (BOMB, 400),
        (b"!!python/object/apply:os.system ['true']", 400),
        (b"- a\n", 400),
    ],
)
def test_yaml_bodies(authority: Authority, body: bytes, code: int) -> None:
    async def run(site: Site) -> None:
        headers = {"Content-Type": "application/yaml"}
        async with site.session.post(site.url + MAPS, data=body, ssl=site.admin, headers=headers) as answer:
            assert answer.status == code, await answer.text()

    on_site(authority, run)


def test_a_watch_streams_lines_and_ends_with_its_client(authority: Authority) -> None:
    async def run(site: Site) -> None:
        shelves = site.asker.core.services.cache.shelves()
        watchers = next(shelf.watchers for shelf in shelves if shelf.resource.plural == "configmaps")
        async with site.session.get(f"{site.url}{MAPS}?watch=1", ssl=site.admin) as answer:
            await site.asker.post(MAPS, {"metadata": {"name": "a"}})
            event = json.loads(await answer.content.readline())
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")
            assert len(watchers) == 1
            answer.close()
        async with asyncio.timeout(5):
            while len(watchers):
                await settle(1)

    on_site(authority, run)


def test_yaml_answers(authority: Authority) -> None:
    async def run(site: Site) -> None:
        headers = {"Accept": "application/yaml"}
        async with site.session.get(site.url + "/api/v1/namespaces/default", ssl=site.admin, headers=headers) as answer:
            assert answer.headers["Content-Type"] == "application/yaml"
            assert (await answer.text()).startswith("kind: Namespace\n")

    on_site(authority, run)

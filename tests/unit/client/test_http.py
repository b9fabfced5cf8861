"""The aiohttp transport against a real listener on loopback."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODS
from moorage.base.errors import ApiError, Unavailable
from moorage.client.api import Api
from moorage.client.ports import Request
from moorage.client.requests import ListOptions
from moorage.client.transports.http import HttpTransport, warning_text

KEY = ObjectKey("d", "a")
POD = "/api/v1/namespaces/d/pods/a"
LONG = "x" * 300_000


async def _pod(request: web.Request) -> web.Response:
    seen = {"authorization": request.headers.get("authorization"), "query": request.query_string}
    return web.json_response({"kind": "Pod", "seen": seen}, headers={"Warning": '299 - "careful"'})


async def _missing(_request: web.Request) -> web.Response:
    return web.Response(status=404, text="404 page not found\n")


async def _watch(request: web.Request) -> web.StreamResponse:
    if request.query.get("resourceVersion") == "1":
        return web.json_response({"kind": "Status", "code": 410, "reason": "Expired"}, status=410)
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b'{"type":"ADDED","object":{"n":1}}\n{"type":"MODIF')
    await answer.write(b'IED","object":{"n":"' + LONG.encode() + b'"}}\n')
    return answer


async def _log(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await answer.prepare(request)
    await answer.write(b"one\n")
    await answer.write(b"two\n")
    return answer


async def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _serve(story: Callable[[HttpTransport, Api], Awaitable[None]]) -> None:
    async def main() -> None:
        app = web.Application()
        app.router.add_get(POD, _pod)
        app.router.add_get(f"{POD}/log", _log)
        app.router.add_get("/api/v1/pods", _watch)
        app.router.add_post("/api/v1/namespaces/d/pods", _hang_up)
        app.router.add_get("/missing", _missing)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        transport = HttpTransport(_url(runner), None, "secret")
        try:
            await story(transport, Api(transport))
        finally:
            await transport.close()
            await runner.cleanup()

    asyncio.run(main())


def _url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def test_documents_headers_and_warnings() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        document = await api.get(PODS, KEY)
        assert document["seen"]["authorization"] == "Bearer secret"
        response = await transport.call(Request("GET", POD, (("a", "1"), ("a", "b c"))))
        assert response.warnings == ("careful",)
        assert isinstance(response.body, dict)
        assert response.body["seen"]["query"] == "a=1&a=b c"

    _serve(story)


def test_text_errors_become_a_status() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        with pytest.raises(ApiError) as refused:
            await api.send(Request("GET", "/missing"))
        assert (refused.value.code, refused.value.message) == (404, "404 page not found")

    _serve(story)


def test_watches_stream_events_of_any_length() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        events = [event async for event in api.watch(PODS)]
        assert [event.type for event in events] == ["ADDED", "MODIFIED"]
        assert events[1].object["n"] == LONG

    _serve(story)


def test_a_refused_watch_raises() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        with pytest.raises(ApiError) as refused:
            await anext(api.watch(PODS, "", ListOptions(revision="1")))
        assert refused.value.code == 410

    _serve(story)


def test_logs_stream() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        assert b"".join([chunk async for chunk in api.logs(KEY)]) == b"one\ntwo\n"

    _serve(story)


def test_a_broken_connection_is_unavailable() -> None:
    async def story(transport: HttpTransport, api: Api) -> None:
        with pytest.raises(Unavailable):
            await api.create(PODS, {"metadata": {"namespace": "d", "name": "a"}})
        dead = HttpTransport("http://127.0.0.1:9", None)
        with pytest.raises(Unavailable):
            await Api(dead).get(PODS, KEY)
        await dead.close()

    _serve(story)


def test_warnings_are_read() -> None:
    assert warning_text('299 - "say \\"hi\\""') == 'say "hi"'

"""The API object: what each verb sends, what its answers become."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec
import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONFIGMAPS, NODES, PODS
from moorage.base.errors import ApiError
from moorage.client.api import Api
from moorage.client.ports import Request, Response, User, WatchEvent
from moorage.client.requests import DeleteOptions, ListOptions, PatchBody, WriteOptions
from moorage.client.responses import document_of, parse_document, status
from moorage.client.transports.inprocess import InProcess

KEY = ObjectKey("d", "a")
DOCUMENT: Document = {"metadata": {"namespace": "d", "name": "a"}}


class Echo:
    """Keeps the last request; answers what it was told to."""

    def __init__(self, response: Response | None = None) -> None:
        self.last = Request("", "")
        self._response = response or Response(200, {"kind": "Thing"})

    async def call(self, request: Request) -> Response:
        self.last = request
        return self._response

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        self.last = request
        yield WatchEvent("ADDED", DOCUMENT)


def _api(echo: Echo) -> Api:
    return Api(InProcess(echo, User("me", ("g",))), "agent/1")


def test_verbs_and_paths() -> None:
    echo = Echo()
    api = _api(echo)
    cases = (
        (api.get(PODS, KEY), "GET", "/api/v1/namespaces/d/pods/a"),
        (api.get(PODS, KEY, "log"), "GET", "/api/v1/namespaces/d/pods/a/log"),
        (api.list(PODS), "GET", "/api/v1/pods"),
        (api.list(PODS, "d"), "GET", "/api/v1/namespaces/d/pods"),
        (api.create(PODS, DOCUMENT), "POST", "/api/v1/namespaces/d/pods"),
        (api.update(PODS, DOCUMENT, "status"), "PUT", "/api/v1/namespaces/d/pods/a/status"),
        (api.patch(NODES, ObjectKey("", "n"), PatchBody({})), "PATCH", "/api/v1/nodes/n"),
        (api.delete(PODS, KEY), "DELETE", "/api/v1/namespaces/d/pods/a"),
        (api.delete_collection(PODS, "d"), "DELETE", "/api/v1/namespaces/d/pods"),
        (api.bind(KEY, "u", "n1"), "POST", "/api/v1/namespaces/d/pods/a/binding"),
        (api.evict(KEY), "POST", "/api/v1/namespaces/d/pods/a/eviction"),
    )
    for call, method, path in cases:
        assert asyncio.run(call) == {"kind": "Thing"}
        assert (echo.last.method, echo.last.path) == (method, path)
        assert echo.last.user.name == "me"
        assert echo.last.headers["user-agent"] == "agent/1"


def test_list_options_become_a_query() -> None:
    echo = Echo()
    asyncio.run(_api(echo).list(PODS, "d", ListOptions("a=b", "spec.nodeName=n", "7", 5, "token")))
    assert dict(echo.last.query) == {
        "labelSelector": "a=b", "fieldSelector": "spec.nodeName=n", "resourceVersion": "7", "limit": "5",
        "continue": "token",
    }  # fmt: skip


def test_a_watch_asks_for_what_it_wants() -> None:
    async def first(api: Api) -> WatchEvent:
        events = api.watch(PODS, "", ListOptions(revision="7", bookmarks=True, seconds=9))
        return await anext(events)

    echo = Echo()
    assert asyncio.run(first(_api(echo))).type == "ADDED"
    assert dict(echo.last.query) == {
        "watch": "true", "resourceVersion": "7", "allowWatchBookmarks": "true", "timeoutSeconds": "9",
    }  # fmt: skip


def test_write_options_become_a_query() -> None:
    echo = Echo()
    options = WriteOptions("me", "Strict", dry_run=True, force=True)
    asyncio.run(_api(echo).patch(PODS, KEY, PatchBody({"a": 1}, "apply"), options))
    assert dict(echo.last.query) == {
        "fieldManager": "me",
        "fieldValidation": "Strict",
        "dryRun": "All",
        "force": "true",
    }
    assert echo.last.headers["content-type"] == "application/apply-patch+yaml"
    assert echo.last.body == {"a": 1}


def test_a_json_patch_is_sent_as_bytes() -> None:
    echo = Echo()
    operations = [{"op": "add", "path": "/a", "value": 1}]
    asyncio.run(_api(echo).patch(PODS, KEY, PatchBody(operations, "json")))
    assert isinstance(echo.last.body, bytes)
    assert msgspec.json.decode(echo.last.body) == operations


def test_delete_options_carry_their_guards() -> None:
    echo = Echo()
    asyncio.run(_api(echo).delete(PODS, KEY, DeleteOptions("u", "7", 0, "Foreground", dry_run=True)))
    assert echo.last.body == {
        "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "u", "resourceVersion": "7"},
        "gracePeriodSeconds": 0, "propagationPolicy": "Foreground", "dryRun": ["All"],
    }  # fmt: skip
    asyncio.run(_api(echo).delete(PODS, KEY))
    assert echo.last.body == {"apiVersion": "v1", "kind": "DeleteOptions"}


def test_a_binding_names_pod_and_node() -> None:
    echo = Echo()
    asyncio.run(_api(echo).bind(KEY, "u", "n1"))
    assert isinstance(echo.last.body, dict)
    assert echo.last.body["metadata"] == {"namespace": "d", "name": "a", "uid": "u"}
    assert echo.last.body["target"]["name"] == "n1"


def test_find_tells_absence_from_failure() -> None:
    assert asyncio.run(_api(Echo(Response(404, status(404, "no")))).find(CONFIGMAPS, KEY)) is None
    assert asyncio.run(_api(Echo()).find(CONFIGMAPS, KEY)) == {"kind": "Thing"}
    with pytest.raises(ApiError):
        asyncio.run(_api(Echo(Response(500, status(500, "no")))).find(CONFIGMAPS, KEY))


def test_logs_stream_and_refusals_raise() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one\n"
        yield b"two\n"

    async def read(response: Response) -> list[bytes]:
        return [chunk async for chunk in _api(Echo(response)).logs(KEY, (("follow", "true"),))]

    assert asyncio.run(read(Response(200, chunks()))) == [b"one\n", b"two\n"]
    assert asyncio.run(read(Response(200, b"all"))) == [b"all"]
    with pytest.raises(ApiError):
        asyncio.run(read(Response(400, status(400, "waiting to start"))))


def test_answers_become_documents_or_errors() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b'{"kind":'
        yield b'"X"}'

    assert asyncio.run(document_of(Response(200, stream()))) == {"kind": "X"}
    with pytest.raises(ApiError) as refused:
        asyncio.run(document_of(Response(409, {**status(409, "taken"), "reason": "AlreadyExists"})))
    assert (refused.value.code, refused.value.reason, refused.value.message) == (409, "AlreadyExists", "taken")
    assert parse_document(b"404 page not found\n", 404)["reason"] == "NotFound"
    with pytest.raises(ApiError):
        parse_document(b"<html>", 200)

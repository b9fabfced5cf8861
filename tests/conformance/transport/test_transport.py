"""What a transport promises, whichever it is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONFIGMAPS, PODS
from moorage.base.errors import ApiError
from moorage.base.system import SystemClock
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import Request, Transport
from moorage.client.requests import DeleteOptions, ListOptions, PatchBody, WriteOptions
from moorage.informer.shared import SharedCaches

Carry = Callable[[Callable[[Transport], Awaitable[None]]], None]
KEY = ObjectKey("default", "a")


def _config_map(name: str = "a", **data: str) -> Document:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def test_a_life(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        api = Api(transport, "tester/1")
        made = await api.create(CONFIGMAPS, _config_map(v="1"))
        assert (await api.get(CONFIGMAPS, KEY))["data"] == {"v": "1"}
        changed = await api.patch(CONFIGMAPS, KEY, PatchBody({"data": {"v": "2"}}))
        assert int(changed["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
        await api.patch(CONFIGMAPS, KEY, PatchBody([{"op": "add", "path": "/data/w", "value": "3"}], "json"))
        listed = await api.list(CONFIGMAPS, "default", ListOptions(fields="metadata.name=a"))
        assert [one["data"] for one in listed["items"]] == [{"v": "2", "w": "3"}]
        await api.delete(CONFIGMAPS, KEY, DeleteOptions(uid=made["metadata"]["uid"]))
        assert await api.find(CONFIGMAPS, KEY) is None

    carry(story)


def test_refusals_carry_their_status(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        api = Api(transport)
        with pytest.raises(ApiError) as missing:
            await api.get(CONFIGMAPS, KEY)
        assert (missing.value.code, missing.value.reason) == (404, "NotFound")
        assert missing.value.message == 'configmaps "a" not found'
        made = await api.create(CONFIGMAPS, _config_map())
        with pytest.raises(ApiError) as taken:
            await api.create(CONFIGMAPS, _config_map())
        assert (taken.value.code, taken.value.reason) == (409, "AlreadyExists")
        await api.update(CONFIGMAPS, {**made, "data": {"v": "1"}})
        with pytest.raises(ApiError) as stale:
            await api.update(CONFIGMAPS, {**made, "data": {"v": "2"}})
        assert (stale.value.code, stale.value.reason) == (409, "Conflict")
        with pytest.raises(ApiError) as other:
            await api.delete(CONFIGMAPS, KEY, DeleteOptions(uid="another"))
        assert "UID in the precondition" in other.value.message

    carry(story)


def test_unknown_fields_are_warned_of(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        body: Document = {**_config_map(), "typo": 1}
        path = CONFIGMAPS.path("default")
        response = await transport.call(Request("POST", path, (), {"content-type": "application/json"}, body))
        assert response.code == 201
        assert response.warnings == ('unknown field "typo"',)
        with pytest.raises(ApiError):
            await Api(transport).create(
                CONFIGMAPS,
                {**body, "metadata": {"name": "b", "namespace": "default"}},
                WriteOptions(field_validation="Strict"),
            )

    carry(story)


def test_a_watch_tells_every_change_in_order(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        api = Api(transport)
        start = (await api.list(CONFIGMAPS, "default"))["metadata"]["resourceVersion"]
        events = api.watch(CONFIGMAPS, "default", ListOptions(revision=start))
        made = await api.create(CONFIGMAPS, _config_map(v="1"))
        await api.patch(CONFIGMAPS, KEY, PatchBody({"data": {"v": "2"}}))
        await api.delete(CONFIGMAPS, KEY)
        seen = [await anext(events) for _ in range(3)]
        await events.aclose()
        assert [event.type for event in seen] == ["ADDED", "MODIFIED", "DELETED"]
        assert seen[0].object["metadata"]["uid"] == made["metadata"]["uid"]
        revisions = [int(event.object["metadata"]["resourceVersion"]) for event in seen]
        assert revisions == sorted(set(revisions))

    carry(story)


def test_a_watch_ends_when_it_was_asked_to(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        events = Api(transport).watch(PODS, "", ListOptions(revision="1", seconds=1))
        assert [event async for event in events if event.type != "BOOKMARK"] == []

    carry(story)


def test_caches_follow(carry: Carry) -> None:
    async def story(transport: Transport) -> None:
        api, tasks = Api(transport), Tasks("test", lambda name, problem: None)
        caches = SharedCaches(api, SystemClock(), tasks)
        caches.require(CONFIGMAPS)
        await caches.start()
        news: asyncio.Queue[str] = asyncio.Queue()
        caches.listen(CONFIGMAPS, lambda before, after: news.put_nowait(after.key.name if after else "gone"))
        await api.create(CONFIGMAPS, _config_map())
        while await news.get() != "a":
            pass
        entry = caches.of(CONFIGMAPS).get(KEY)
        assert entry is not None
        assert entry.document["kind"] == "ConfigMap"
        await api.delete(CONFIGMAPS, KEY)
        assert await news.get() == "gone"
        await tasks.stop()

    carry(story)

"""Shared caches over a small server: they follow, through cuts, compaction and refusals."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONFIGMAPS, SECRETS
from moorage.base.errors import Unavailable
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import Request, Response, User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.informer.cache import Cached
from moorage.informer.reflector import wait_seconds
from moorage.informer.shared import SharedCaches
from tests.fakes.clock import ManualClock, settle
from tests.fakes.server import FakeServer

PATH = "/api/v1/namespaces/default/configmaps"


def _config_map(name: str, **data: str) -> Document:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _tell(told: list[str], name: str, _before: Cached[Any] | None, _after: Cached[Any] | None) -> None:
    told.append(name)


class Scene:
    """A server and the caches of one process."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.clock = ManualClock()
        self.tasks = Tasks("test", lambda name, problem: None)
        self.caches = SharedCaches(Api(InProcess(self.server, User("test"))), self.clock, self.tasks)
        self.told: list[tuple[str, str]] = []
        self.caches.require(CONFIGMAPS)
        self.caches.listen(
            CONFIGMAPS,
            lambda before, after: self.told.append(
                (before.document["data"]["v"] if before else "-", after.document["data"]["v"] if after else "-")
            ),
        )

    def names(self) -> set[str]:
        return {entry.key.name for entry in self.caches.of(CONFIGMAPS)}


def _play(story: Callable[[Scene], Awaitable[None]]) -> None:
    async def main() -> None:
        scene = Scene()
        try:
            await story(scene)
        finally:
            await scene.tasks.stop()

    asyncio.run(main())


def test_start_waits_for_the_whole_list_and_then_follows() -> None:
    async def story(scene: Scene) -> None:
        await scene.server.put(f"{PATH}/a", _config_map("a", v="1"))
        await scene.caches.start()
        assert scene.names() == {"a"}
        await settle()
        await scene.server.put(f"{PATH}/b", _config_map("b", v="2"))
        await scene.server.remove(f"{PATH}/a")
        await settle()
        assert scene.names() == {"b"}
        assert scene.told == [("-", "1"), ("-", "2"), ("1", "-")]
        assert scene.caches.of(CONFIGMAPS).revision == scene.server.revision

    _play(story)


def test_listeners_that_share_a_question_are_told_of_what_concerns_them_and_ask_once() -> None:
    asked: list[str] = []
    told: list[str] = []

    def odd(before: Cached[Any] | None, after: Cached[Any] | None) -> bool:
        value = after.document["data"]["v"] if after else "1"
        asked.append(value)
        return value in "13579"

    async def story(scene: Scene) -> None:
        for name in ("one", "two"):
            scene.caches.listen(CONFIGMAPS, partial(_tell, told, name), odd)
        await scene.caches.start()
        await settle()
        await scene.server.put(f"{PATH}/a", _config_map("a", v="2"))
        await settle()
        assert (asked, told) == (["2"], [])
        await scene.server.put(f"{PATH}/a", _config_map("a", v="3"))
        await settle()
        assert (asked, told) == (["2", "3"], ["one", "two"])

    _play(story)


def test_start_goes_on_waiting_while_the_server_refuses() -> None:
    async def story(scene: Scene) -> None:
        scene.server.refuse = lambda request: status(503, "starting")
        start = scene.tasks.start("start", scene.caches.start())
        await scene.clock.advance(3)
        assert not start.done()
        assert not scene.caches.synced()
        scene.server.refuse = lambda request: None
        await scene.clock.advance(10)
        assert start.done()
        assert scene.caches.synced()

    _play(story)


def test_a_compacted_watch_lists_again_and_tells_what_was_missed() -> None:
    async def story(scene: Scene) -> None:
        await scene.server.put(f"{PATH}/a", _config_map("a", v="1"))
        await scene.caches.start()
        await settle()
        scene.server.held = True
        await scene.server.put(f"{PATH}/b", _config_map("b", v="2"))
        await scene.server.remove(f"{PATH}/a")
        scene.server.held = False
        await scene.server.cut(compact=True)
        await scene.clock.advance(15)
        assert scene.names() == {"b"}
        assert scene.told[1:] == [("1", "-"), ("-", "2")]

    _play(story)


def test_a_broken_connection_goes_on_without_a_gap() -> None:
    async def story(scene: Scene) -> None:
        await scene.caches.start()
        await settle()
        await scene.server.cut()
        await scene.server.put(f"{PATH}/a", _config_map("a", v="1"))
        await scene.clock.advance(1)
        assert scene.names() == {"a"}
        lists = [one for one in scene.server.requests if not one.param("watch")]
        assert len(lists) == 1

    _play(story)


def test_list_items_without_kind_get_theirs() -> None:
    class Bare(FakeServer):
        async def call(self, request: Request) -> Response:
            item = {
                "metadata": {"name": "x", "namespace": "default", "uid": "u", "resourceVersion": "5"},
                "data": {"v": "1"},
            }
            return Response(200, {"metadata": {"resourceVersion": "9"}, "items": [item]})

    async def story(scene: Scene) -> None:
        caches = SharedCaches(Api(InProcess(Bare(), User("test"))), scene.clock, scene.tasks)
        caches.require(CONFIGMAPS)
        await caches.start()
        found = caches.of(CONFIGMAPS).get(ObjectKey("default", "x"))
        assert found is not None
        assert (found.document["kind"], found.document["apiVersion"]) == ("ConfigMap", "v1")

    _play(story)


def test_late_demands_are_met_too() -> None:
    async def story(scene: Scene) -> None:
        await scene.caches.start()
        assert not scene.caches.follows(SECRETS)
        scene.caches.require(SECRETS)
        await scene.caches.start()
        assert scene.caches.follows(SECRETS)
        assert len(scene.caches.of(SECRETS)) == 0

    _play(story)


def test_an_unreachable_server_is_tried_again() -> None:
    class Dead(FakeServer):
        alive = False

        async def call(self, request: Request) -> Response:
            if not self.alive:
                raise Unavailable("nobody there")
            return await super().call(request)

    async def story(scene: Scene) -> None:
        server = Dead()
        caches = SharedCaches(Api(InProcess(server, User("test"))), scene.clock, scene.tasks)
        caches.require(CONFIGMAPS)
        start = scene.tasks.start("start", caches.start())
        await scene.clock.advance(1)
        assert not start.done()
        server.alive = True
        await scene.clock.advance(10)
        assert start.done()

    _play(story)


def test_waits_double_up_to_a_bound() -> None:
    assert [wait_seconds(count) for count in (1, 2, 3)] == [0.05, 0.1, 0.2]
    assert wait_seconds(100) == 10.0

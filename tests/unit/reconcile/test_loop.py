"""The reconcile loop over real caches and a small server: what it promises about keys, writes and failures."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONFIGMAPS
from moorage.base.metrics import Registry
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.informer.cache import Cached, Caches
from moorage.informer.shared import SharedCaches
from moorage.reconcile.actions import Create, Delete, Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.ledger import Ledger
from moorage.reconcile.loop import Loop, Surroundings
from moorage.reconcile.plan import Plan
from tests.fakes.clock import ManualClock, settle
from tests.fakes.server import FakeServer

PATH = "/api/v1/namespaces/default/configmaps"
SOURCE = ObjectKey("default", "source")
COPY = ObjectKey("default", "copy")


class World:
    """A server, caches, and one controller that keeps `copy` beside `source`."""

    def __init__(self, decide: Callable[[Any, datetime.datetime], Plan], pause: float = 0.0) -> None:
        self.server = FakeServer()
        self.clock = ManualClock()
        self.failures: list[BaseException] = []
        self.tasks = Tasks("test", lambda name, problem: self.failures.append(problem))
        self.api = Api(InProcess(self.server, User("test")))
        self.caches = SharedCaches(self.api, self.clock, self.tasks)
        self.ledger = Ledger()
        self.decided: list[Any] = []

        def noted(snapshot: Any, now: datetime.datetime) -> Plan:
            self.decided.append(snapshot)
            return decide(snapshot, now)

        trigger = Trigger(CONFIGMAPS, _keys)
        controller = Controller("copier", CONFIGMAPS, (trigger,), _take, noted, workers=3, pause=pause)
        around = Surroundings(self.api, self.caches, self.clock, self.tasks, self.ledger, Registry())
        self.loop = Loop(controller, around)

    async def start(self) -> None:
        await self.caches.start()
        self.loop.start()
        await settle()

    async def stop(self) -> None:
        await self.tasks.stop()
        assert self.failures == []


def _keys(before: Cached[Any] | None, after: Cached[Any] | None, caches: Caches) -> list[ObjectKey]:
    return [SOURCE]


def _take(key: ObjectKey, caches: Caches) -> tuple[Any, Any] | None:
    source = caches.of(CONFIGMAPS).get(key)
    return (source, caches.of(CONFIGMAPS).get(COPY)) if source else None


def _copied(snapshot: Any, now: datetime.datetime) -> Plan:
    source, copy = snapshot
    if copy is None:
        return Plan((Create(CONFIGMAPS, _config_map("copy", source.document["data"])),))
    if copy.document["data"] != source.document["data"]:
        body = {"data": source.document["data"]}
        return Plan((Patch(CONFIGMAPS, COPY, body, copy.view.metadata.uid),))
    return Plan()


def _config_map(name: str, data: dict[str, str]) -> Document:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _run(
    decide: Callable[[Any, datetime.datetime], Plan], story: Callable[[World], Awaitable[None]], pause: float = 0.0
) -> None:
    async def main() -> None:
        world = World(decide, pause)
        try:
            await story(world)
        finally:
            await world.stop()

    asyncio.run(main())


def _writes(world: World) -> list[str]:
    return [request.method for request in world.server.requests if request.method != "GET"]


def test_follows_its_source() -> None:
    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        assert world.server.objects[f"{PATH}/copy"]["data"] == {"a": "1"}
        source = world.server.objects[f"{PATH}/source"]
        await world.server.put(f"{PATH}/source", {**source, "data": {"a": "2"}})
        await settle()
        assert world.server.objects[f"{PATH}/copy"]["data"] == {"a": "2"}
        assert _writes(world) == ["POST", "PATCH"]

    _run(_copied, story)


def test_waits_until_the_cache_shows_its_own_write() -> None:
    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        await world.server.hold(held=True)
        await world.server.remove(f"{PATH}/copy")
        decisions = len(world.decided)
        world.loop.queue.add(SOURCE)
        await settle()
        # The cache still shows the deleted copy, so nothing was wanted; a new write is then not seen either.
        assert len(world.decided) == decisions + 1
        await world.server.hold(held=False)
        await settle()
        assert world.server.objects[f"{PATH}/copy"]["data"] == {"a": "1"}
        assert _writes(world) == ["POST", "POST"]

    _run(_copied, story)


def test_is_not_decided_again_on_a_cache_older_than_its_write() -> None:
    async def story(world: World) -> None:
        await world.start()
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        for _ in range(200):
            if _writes(world):
                break
            await settle(1)
        await world.server.hold(held=True)
        decisions = len(world.decided)
        for _ in range(3):
            world.loop.queue.add(SOURCE)
            await settle()
        assert len(world.decided) == decisions
        await world.server.hold(held=False)
        await settle()
        assert len(world.decided) > decisions
        assert _writes(world) == ["POST"]

    _run(_copied, story)


def test_what_is_deleted_is_not_deleted_again_while_the_cache_still_shows_it() -> None:
    def decide(snapshot: Any, now: datetime.datetime) -> Plan:
        _, copy = snapshot
        return Plan((Delete(CONFIGMAPS, COPY, copy.view.metadata.uid),)) if copy else Plan()

    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/copy", _config_map("copy", {}))
        await world.server.put(f"{PATH}/source", _config_map("source", {}))
        await world.caches.start()
        await world.server.hold(held=True)
        world.loop.start()
        await settle()
        for _ in range(3):
            world.loop.queue.add(SOURCE)
            await settle()
        assert _writes(world) == ["DELETE"]
        await world.server.hold(held=False)
        await settle()
        assert _writes(world) == ["DELETE"]
        assert world.loop.queue.idle

    _run(decide, story)


def test_a_burst_becomes_few_writes_and_the_last_state_counts() -> None:
    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "0"}))
        await world.start()
        assert _writes(world) == ["POST"]
        source = world.server.objects[f"{PATH}/source"]
        for number in range(1, 6):
            await world.server.put(f"{PATH}/source", {**source, "data": {"a": str(number)}})
            await world.clock.advance(0.1)
        assert _writes(world) == ["POST"]
        await world.clock.advance(1)
        assert _writes(world) == ["POST", "PATCH"]
        assert world.server.objects[f"{PATH}/copy"]["data"] == {"a": "5"}

    _run(_copied, story, pause=1.0)


def test_failures_back_off_and_are_retried() -> None:
    async def story(world: World) -> None:
        world.server.refuse = lambda request: status(500, "no") if request.method == "POST" else None
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        assert _writes(world) == ["POST"]
        await world.clock.advance(0.0049)
        assert len(_writes(world)) == 1
        await world.clock.advance(0.0001)
        assert len(_writes(world)) == 2
        await world.clock.advance(0.0099)
        assert len(_writes(world)) == 2
        world.server.refuse = lambda request: None
        await world.clock.advance(0.0002)
        assert f"{PATH}/copy" in world.server.objects
        assert world.loop.queue.failures(SOURCE) == 0
        errors = [entry.error for entry in world.ledger.entries("ConfigMap", SOURCE)]
        assert errors[0] == "no"
        assert errors[-1] == ""

    _run(_copied, story)


def test_a_mistake_in_deciding_is_retried_and_stops_nothing() -> None:
    calls: list[int] = []

    def decide(snapshot: Any, now: datetime.datetime) -> Plan:
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("bug")
        return _copied(snapshot, now)

    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        await world.clock.advance(1)
        assert f"{PATH}/copy" in world.server.objects

    _run(decide, story)


def test_wakes_itself_when_the_plan_says_so() -> None:
    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        decisions = len(world.decided)
        await world.clock.advance(9.9)
        assert len(world.decided) == decisions
        await world.clock.advance(0.2)
        assert len(world.decided) == decisions + 1

    _run(lambda snapshot, now: Plan(wake_after=10.0), story)


def test_survives_cut_watches_and_compaction() -> None:
    async def story(world: World) -> None:
        await world.server.put(f"{PATH}/source", _config_map("source", {"a": "1"}))
        await world.start()
        source = world.server.objects[f"{PATH}/source"]
        await world.server.put(f"{PATH}/source", {**source, "data": {"a": "2"}})
        await world.server.cut(compact=True)
        await world.clock.advance(30)
        assert world.server.objects[f"{PATH}/copy"]["data"] == {"a": "2"}

    _run(_copied, story)

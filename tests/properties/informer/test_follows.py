"""Whatever happens between server and cache, in the end the cache is the server, and its listeners were told how."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.informer.cache import Index
from moorage.informer.shared import SharedCaches
from tests.fakes.clock import ManualClock, settle
from tests.fakes.server import FakeServer

PATH = "/api/v1/namespaces/default/pods"
BY_NODE = Index("node", PODS, lambda entry: [entry.view.spec.node_name] if entry.view.spec.node_name else [])
NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.one_of(
    st.tuples(st.just("put"), NAMES, st.sampled_from(["", "n1", "n2"])),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.just("cut")),
    st.tuples(st.just("compact")),
    st.tuples(st.just("hold")),
    st.tuples(st.just("release")),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("allow")),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 20])),
)


async def _do(step: tuple[str, ...], server: FakeServer, clock: ManualClock) -> None:
    match step:
        case ("put", name, node):
            metadata = {"name": name, "namespace": "default"}
            old: Document = server.objects.get(f"{PATH}/{name}", {"metadata": metadata})
            await server.put(f"{PATH}/{name}", {**old, "apiVersion": "v1", "kind": "Pod", "spec": {"nodeName": node}})
        case ("remove", name):
            if f"{PATH}/{name}" in server.objects:
                await server.remove(f"{PATH}/{name}")
        case ("cut",) | ("compact",):
            await server.cut(compact=step[0] == "compact")
        case ("hold",) | ("release",):
            await server.hold(held=step[0] == "hold")
        case ("refuse",):
            server.refuse = lambda request: status(503, "busy")
        case ("allow",):
            server.refuse = lambda request: None
        case ("wait", seconds):
            await clock.advance(float(seconds))


async def _story(steps: list[tuple[str, ...]]) -> None:
    server, clock = FakeServer(), ManualClock()
    tasks = Tasks("test", lambda name, problem: None)
    caches = SharedCaches(Api(InProcess(server, User("test"))), clock, tasks)
    caches.require(PODS, [BY_NODE])
    told: dict[str, str] = {}

    def listener(before: object, after: object) -> None:
        old, new = getattr(before, "view", None), getattr(after, "view", None)
        name = (new or old).metadata.name
        assert told.get(name) == (old.metadata.resource_version if old else None), "a change was missed"
        if new:
            told[name] = new.metadata.resource_version
        else:
            del told[name]

    caches.listen(PODS, listener)
    tasks.start("start", caches.start())
    for step in steps:
        await _do(step, server, clock)
        await settle(5)
    for step in (("release",), ("allow",), ("wait", "60")):
        await _do(step, server, clock)
    wanted = {path.rsplit("/", 1)[1]: one for path, one in server.objects.items()}
    cache = caches.of(PODS)
    assert {entry.key.name: entry.document for entry in cache} == wanted
    assert told == {name: one["metadata"]["resourceVersion"] for name, one in wanted.items()}
    for node in ("n1", "n2"):
        on_node = {name for name, one in wanted.items() if one["spec"]["nodeName"] == node}
        assert {entry.key.name for entry in cache.by_index("node", node)} == on_node
    await tasks.stop()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_the_cache_becomes_the_server(steps: list[tuple[str, ...]]) -> None:
    asyncio.run(_story(steps))

"""A status that somebody else wrote over is written again, whenever the agent hears of it.

In: a pod that is Ready, and a contradiction. Out: the status in the API.
"""

import asyncio
from typing import Any

from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import Request, Response
from moorage.nodeagent import podspec
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.statuswriter import StatusWriter
from tests.fakes.clock import ManualClock
from tests.fakes.podserver import PODS, PodServer
from tests.unit.nodeagent.kit import pod_document

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
UNREADY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}


class LateServer(PodServer):
    """Once calls the pod unready after its agent said ready; the writer hears of that before its own answer."""

    writer: StatusWriter | None = None

    async def call(self, request: Request) -> Response:
        response = await super().call(request)
        writer, self.writer = self.writer, None
        if writer:
            writer.seen(
                podspec.parse(await self.put(f"{PODS}/web-0", {**self.objects[f"{PODS}/web-0"], "status": UNREADY}))
            )
        return response


def _ready(server: PodServer) -> list[Any]:
    return [(one["type"], one["status"]) for one in server.status("web-0")["conditions"]]


def test_a_contradiction_that_comes_before_the_answer_is_put_right() -> None:
    async def story() -> None:
        server, clock = LateServer(), ManualClock()
        pod = podspec.parse(await server.put(f"{PODS}/web-0", pod_document()))
        writer = server.writer = StatusWriter(pod, Cluster(Api(server, "kubelet")), clock)
        tasks = Tasks("writer", lambda name, error: None)
        tasks.start("status", writer.run())
        writer.offer(READY)
        await writer.flush()
        assert [one["conditions"][0]["status"] for one in server.status_writes] == ["True", "True"]
        assert _ready(server) == [("Ready", "True")]
        await tasks.stop()

    asyncio.run(story())


def test_news_of_the_pod_that_contradict_nothing_are_not_answered() -> None:
    async def story() -> None:
        server, clock = PodServer(), ManualClock()
        pod = podspec.parse(await server.put(f"{PODS}/web-0", pod_document()))
        writer = StatusWriter(pod, Cluster(Api(server, "kubelet")), clock)
        tasks = Tasks("writer", lambda name, error: None)
        tasks.start("status", writer.run())
        writer.offer(READY)
        await writer.flush()
        writer.seen(pod)  # older than the write
        writer.seen(podspec.parse(await server.put(f"{PODS}/web-0", server.objects[f"{PODS}/web-0"])))
        await clock.advance(1.0)
        assert len(server.status_writes) == 1
        await tasks.stop()

    asyncio.run(story())

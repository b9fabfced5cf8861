"""One Lease, several candidates."""

import asyncio
from collections.abc import Awaitable, Callable

from moorage.api.refs import ObjectKey
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.reconcile.leadership import LEASE_SECONDS, Leadership
from tests.fakes.clock import ManualClock, settle
from tests.fakes.server import FakeServer

PATH = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/moorage"


class Candidate:
    """One control plane that would lead."""

    def __init__(self, server: FakeServer, clock: ManualClock, name: str) -> None:
        self.tasks = Tasks(name, lambda task, problem: None)
        self.server = server
        self.working = 0
        key = ObjectKey("kube-system", "moorage")
        self.leadership = Leadership(Api(InProcess(server, User(name))), clock, self.tasks, key, name)

    def start(self) -> None:
        self.tasks.start("run", self.leadership.run(self._work))

    async def _work(self) -> None:
        self.working += 1
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.working -= 1


def _play(story: Callable[[FakeServer, ManualClock, Candidate, Candidate], Awaitable[None]]) -> None:
    async def main() -> None:
        server, clock = FakeServer(), ManualClock()
        one, two = Candidate(server, clock, "one"), Candidate(server, clock, "two")
        try:
            await story(server, clock, one, two)
        finally:
            await one.tasks.stop()
            await two.tasks.stop()

    asyncio.run(main())


def _holder(server: FakeServer) -> str:
    return str(server.objects[PATH]["spec"]["holderIdentity"])


def test_the_first_leads_and_keeps_leading() -> None:
    async def story(server: FakeServer, clock: ManualClock, one: Candidate, two: Candidate) -> None:
        one.start()
        await settle()
        two.start()
        await clock.advance(120)
        assert (one.working, two.working) == (1, 0)
        assert _holder(server) == "one"
        assert server.objects[PATH]["spec"]["leaseTransitions"] == 0
        assert server.objects[PATH]["spec"]["acquireTime"] == "2026-01-01T00:00:00.000000Z"

    _play(story)


def test_a_dead_leader_is_followed_after_the_lease_runs_out() -> None:
    async def story(server: FakeServer, clock: ManualClock, one: Candidate, two: Candidate) -> None:
        one.start()
        await settle()
        two.start()
        await clock.advance(10)
        await one.tasks.stop()
        await clock.advance(LEASE_SECONDS - 3)
        assert two.working == 0
        await clock.advance(6)
        assert two.working == 1
        assert _holder(server) == "two"
        assert server.objects[PATH]["spec"]["leaseTransitions"] == 1

    _play(story)


def test_a_leader_that_cannot_renew_stops_before_another_starts() -> None:
    async def story(server: FakeServer, clock: ManualClock, one: Candidate, two: Candidate) -> None:
        one.start()
        await settle()
        two.start()
        await clock.advance(4)
        server.refuse = lambda request: status(503, "cut off") if request.user.name == "one" else None
        for _ in range(30):
            await clock.advance(1)
            assert one.working + two.working <= 1
        assert (one.working, two.working) == (0, 1)

    _play(story)


def test_a_leader_that_sees_another_stops_at_once() -> None:
    async def story(server: FakeServer, clock: ManualClock, one: Candidate, two: Candidate) -> None:
        one.start()
        await settle()
        lease = server.objects[PATH]
        await server.put(PATH, {**lease, "spec": {**lease["spec"], "holderIdentity": "two"}})
        await clock.advance(2.1)
        assert one.working == 0
        assert not one.leadership.leading

    _play(story)

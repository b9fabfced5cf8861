"""The binder over caches that lag: it never takes an old picture for a refusal."""

import asyncio

from moorage.api.scheme import NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES
from moorage.api.views import view
from moorage.base.metrics import Registry
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.transports.inprocess import InProcess
from moorage.informer.shared import SharedCaches
from moorage.reconcile.ledger import Ledger
from moorage.reconcile.loop import Surroundings
from moorage.reconcile.recorder import EventRecorder
from moorage.scheduler.binder import Binder
from moorage.scheduler.snapshot import NodeState
from moorage.scheduler.volumes import VolumePlan
from tests.fakes.clock import ManualClock, settle
from tests.fakes.server import FakeServer
from tests.unit.scheduler.cluster import bound, claim, facts, key, node, pod, volume

CLAIM_PATH = "/api/v1/namespaces/default/persistentvolumeclaims/data"


def test_a_cache_that_lags_behind_our_own_write_is_waited_for():
    async def story():
        server, clock, failures = FakeServer(), ManualClock(), []
        tasks = Tasks("test", lambda name, problem: failures.append(problem))
        api = Api(InProcess(server, User("test")))
        caches = SharedCaches(api, clock, tasks)
        around = Surroundings(api, caches, clock, tasks, Ledger(), Registry())
        binder = Binder(around, EventRecorder(api, clock, "test"))
        for resource in (PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES):
            caches.require(resource)
            caches.listen(resource, lambda before, after: binder.volumes_changed())
        await server.put(CLAIM_PATH, claim("data"))
        await caches.start()
        await server.hold(held=True)
        plan = VolumePlan({}, (key("data"),), (key("data"),))
        work = binder.bind(facts(pod()), NodeState(view(NODES, node("a"))), plan)
        binding = asyncio.get_running_loop().create_task(work)
        await settle()
        binder.volumes_changed()
        await settle()
        assert not binding.done()
        await server.hold(held=False)
        await settle()
        assert not binding.done()
        assert server.objects[CLAIM_PATH]["metadata"]["annotations"] == {"volume.kubernetes.io/selected-node": "a"}
        await server.put("/api/v1/persistentvolumes/pv", volume("pv", on="a"))
        await server.put(CLAIM_PATH, bound("data", to="pv"))
        await settle()
        assert binding.done()
        assert binding.exception() is None
        assert server.requests[-1].path.endswith("/pods/web-0/binding")
        await tasks.stop()
        assert failures == []

    asyncio.run(story())

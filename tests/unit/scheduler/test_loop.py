"""The scheduler against a real API server in memory: pods get nodes, and are told why not."""

import asyncio
from functools import cache

from moorage.api.refs import ObjectKey
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.api.scheme import (
    EVENTS,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    SERVICEACCOUNTS,
    STORAGECLASSES,
)
from moorage.apiserver.bootstrap import bootstrap
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.base.metrics import Registry
from moorage.base.system import SystemChance, SystemIds
from moorage.base.tasks import Tasks
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.requests import DeleteOptions, PatchBody
from moorage.client.transports.inprocess import InProcess
from moorage.informer.shared import SharedCaches
from moorage.reconcile.ledger import Ledger
from moorage.reconcile.loop import Surroundings
from moorage.scheduler.loop import SchedulerLoop
from moorage.store.memory import open_memory
from tests.fakes.clock import ManualClock, settle
from tests.unit.scheduler.cluster import Fixed, key

ADMIN = User("admin", ("system:masters", "system:authenticated"))
SELF = User("system:kube-scheduler", ("system:authenticated",))


@cache
def schemas():
    return Schemas(load_definitions(), load_wire_table())


class World:
    """API server, scheduler, and an administrator."""

    def __init__(self):
        self.clock = ManualClock()
        self.failures = []
        self.tasks = Tasks("test", lambda name, problem: self.failures.append((name, problem)))
        self.store = open_memory()
        ambient = Ambient(self.clock, SystemIds(), SystemChance())
        self.server = ApiServer(self.store, schemas(), STRATEGIES, ambient, ServerSettings())
        self.api = Api(InProcess(self.server, ADMIN))
        own = Api(InProcess(self.server, SELF), "kube-scheduler")
        caches = SharedCaches(own, self.clock, self.tasks)
        self.ledger = Ledger()
        self.around = Surroundings(own, caches, self.clock, self.tasks, self.ledger, Registry())
        self.scheduler = SchedulerLoop(self.around, Fixed())

    async def start(self):
        await self.server.start()
        await bootstrap(self.server.services)
        await self.api.create(SERVICEACCOUNTS, {"metadata": {"name": "default", "namespace": "default"}})
        await self.around.caches.start()
        self.scheduler.start()

    async def stop(self):
        await self.tasks.stop()
        await self.server.stop()
        await self.store.close()
        assert self.failures == []

    async def node(self, name, cpu="4", **spec):
        offer = {"cpu": cpu, "memory": "8Gi", "pods": "110"}
        document = {"metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "spec": spec}
        await self.api.create(NODES, {**document, "status": {"allocatable": offer, "capacity": offer}})

    async def pod(self, name, cpu="1", **spec):
        resources = {"requests": {"cpu": cpu}}
        container = {"name": "main", "image": "busybox", "resources": resources}
        document = {"metadata": {"name": name, "namespace": "default"}, "spec": {"containers": [container], **spec}}
        return await self.api.create(PODS, document)

    async def at(self, name):
        """Return a pod's node, once everything has settled."""
        await settle()
        found = await self.api.get(PODS, key(name))
        return found["spec"].get("nodeName", "")

    async def condition(self, name):
        await settle()
        found = await self.api.get(PODS, key(name))
        return next(one for one in found["status"]["conditions"] if one["type"] == "PodScheduled")

    async def events(self, name):
        """Return (type, reason, message, count) of a pod's events."""
        await settle()
        found = (await self.api.list(EVENTS, "default"))["items"]
        return [
            (one["type"], one["reason"], one["message"], one["count"])
            for one in found
            if one["involvedObject"]["name"] == name
        ]


def told(story):
    """Run a story in a world of its own."""

    async def tell():
        world = World()
        await world.start()
        await asyncio.wait_for(story(world), 20)
        await world.stop()

    asyncio.run(tell())


FULL = (
    "0/1 nodes are available: 1 Insufficient cpu. "
    "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
)


def test_a_pod_is_bound_and_told():
    async def story(world):
        await world.node("n1")
        await world.pod("web-0")
        assert await world.at("web-0") == "n1"
        assert (await world.condition("web-0"))["status"] == "True"
        text = "Successfully assigned default/web-0 to n1"
        assert await world.events("web-0") == [("Normal", "Scheduled", text, 1)]

    told(story)


def test_a_refused_pod_says_why_and_is_placed_once_there_is_room():
    async def story(world):
        await world.node("n1", cpu="1")
        await world.pod("old")
        await world.pod("new")
        assert await world.at("new") == ""
        condition = await world.condition("new")
        assert (condition["status"], condition["reason"], condition["message"]) == ("False", "Unschedulable", FULL)
        assert await world.events("new") == [("Warning", "FailedScheduling", FULL, 1)]
        (entry,) = world.ledger.entries("Pod", key("new"))
        assert [(gate.name, gate.evidence) for gate in entry.gates] == [("NoNodeFits", FULL)]
        await world.api.delete(PODS, key("old"), DeleteOptions(grace_seconds=0))
        await settle()
        await world.clock.advance(0.1)
        assert await world.at("new") == "n1"
        assert (await world.condition("new"))["status"] == "True"

    told(story)


def test_writing_the_condition_does_not_start_another_attempt():
    async def story(world):
        await world.node("n1", cpu="1")
        await world.pod("big", cpu="2")
        await world.clock.advance(60)
        assert await world.events("big") == [("Warning", "FailedScheduling", FULL, 1)]

    told(story)


def test_a_new_node_takes_the_pods_that_wait():
    async def story(world):
        await world.pod("web-0")
        assert (await world.condition("web-0"))["message"] == "no nodes available to schedule pods"
        await world.node("n1")
        await settle()
        await world.clock.advance(0.1)
        assert await world.at("web-0") == "n1"

    told(story)


def test_two_pods_do_not_get_one_free_place():
    async def story(world):
        await world.node("n1", cpu="1")
        await asyncio.gather(*(world.pod(f"web-{index}") for index in range(5)))
        placed = [await world.at(f"web-{index}") for index in range(5)]
        assert sorted(placed) == ["", "", "", "", "n1"]

    told(story)


def test_pods_of_other_schedulers_gated_ones_and_those_with_a_node_are_left_alone():
    async def story(world):
        await world.node("n1")
        await world.pod("theirs", schedulerName="other")
        await world.pod("gated", schedulingGates=[{"name": "example.com/wait"}])
        await world.pod("given", nodeName="elsewhere")
        assert [await world.at(name) for name in ("theirs", "gated", "given")] == ["", "", "elsewhere"]
        gate = {"spec": {"schedulingGates": None}}
        await world.api.patch(PODS, key("gated"), PatchBody(gate, "merge"))
        assert await world.at("gated") == "n1"

    told(story)


CLASS = {"metadata": {"name": "local"}, "provisioner": "p", "volumeBindingMode": "WaitForFirstConsumer"}


def claim(name, storage_class="local"):
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec["storageClassName"] = storage_class
    return {"metadata": {"name": name, "namespace": "default"}, "spec": spec}


def uses(name):
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": name}}]}


async def bind_claim(world, name, volume):
    """Do what binder and provisioner do."""
    body = {"metadata": {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}, "spec": {"volumeName": volume}}
    await world.api.patch(PERSISTENTVOLUMECLAIMS, key(name), PatchBody(body, "merge"))


def volume(name, on):
    where = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [on]}]}
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "local",
        "hostPath": {"path": "/data"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [where]}},
    }
    return {"metadata": {"name": name}, "spec": spec}


def test_a_waiting_claim_gets_the_node_first_and_the_pod_once_it_is_bound():
    async def story(world):
        await world.node("n1")
        await world.api.create(STORAGECLASSES, CLASS)
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await world.pod("web-0", **uses("data"))
        assert await world.at("web-0") == ""
        found = await world.api.get(PERSISTENTVOLUMECLAIMS, key("data"))
        assert found["metadata"]["annotations"]["volume.kubernetes.io/selected-node"] == "n1"
        await world.api.create(PERSISTENTVOLUMES, volume("pv", on="n1"))
        await bind_claim(world, "data", "pv")
        assert await world.at("web-0") == "n1"

    told(story)


def test_a_free_volume_is_given_to_the_claim():
    async def story(world):
        await world.node("n1")
        await world.api.create(STORAGECLASSES, CLASS)
        made = await world.api.create(PERSISTENTVOLUMES, volume("pv", on="n1"))
        made = {**made, "status": {"phase": "Available"}}
        await world.api.update(PERSISTENTVOLUMES, made, "status")
        stored = await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await settle()
        await world.pod("web-0", **uses("data"))
        await settle()
        found = await world.api.get(PERSISTENTVOLUMES, ObjectKey("", "pv"))
        assert found["spec"]["claimRef"]["uid"] == stored["metadata"]["uid"]
        assert found["metadata"]["annotations"]["pv.kubernetes.io/bound-by-controller"] == "yes"
        await bind_claim(world, "data", "pv")
        assert await world.at("web-0") == "n1"

    told(story)


def test_a_provisioner_that_gives_up_sends_the_pod_back_into_the_line():
    async def story(world):
        await world.node("n1")
        await world.api.create(STORAGECLASSES, CLASS)
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await world.pod("web-0", **uses("data"))
        await settle()
        await world.api.patch(NODES, ObjectKey("", "n1"), PatchBody({"spec": {"unschedulable": True}}, "merge"))
        body = {"metadata": {"annotations": {"volume.kubernetes.io/selected-node": None}}}
        await world.api.patch(PERSISTENTVOLUMECLAIMS, key("data"), PatchBody(body, "merge"))
        await settle()
        text = 'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"'
        assert ("Warning", "FailedScheduling", text, 1) in await world.events("web-0")
        await world.clock.advance(0.1)
        assert "1 node(s) were unschedulable" in (await world.condition("web-0"))["message"]

    told(story)


def test_a_pod_deleted_while_its_volume_is_made_gives_its_place_back():
    async def story(world):
        await world.node("n1", cpu="1")
        await world.api.create(STORAGECLASSES, CLASS)
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        running = len(world.tasks)
        await world.pod("web-0", **uses("data"))
        await settle()
        assert len(world.tasks) > running
        await world.api.delete(PODS, key("web-0"), DeleteOptions(grace_seconds=0))
        await settle()
        assert len(world.tasks) == running
        await world.pod("other")
        assert await world.at("other") == "n1"

    told(story)


def test_volumes_that_never_come_are_not_waited_for_for_ever():
    async def story(world):
        await world.node("n1", cpu="1")
        await world.api.create(STORAGECLASSES, CLASS)
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await world.pod("web-0", **uses("data"))
        await settle()
        await world.clock.advance(601)
        text = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'
        assert ("Warning", "FailedScheduling", text, 1) in await world.events("web-0")

    told(story)


def test_a_claim_made_after_its_pod():
    async def story(world):
        await world.node("n1")
        await world.pod("web-0", **uses("data"))
        message = (await world.condition("web-0"))["message"]
        assert message.startswith('0/1 nodes are available: persistentvolumeclaim "data" not found. preemption:')
        await world.api.create(PERSISTENTVOLUMES, volume("pv", on="n1"))
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await bind_claim(world, "data", "pv")
        await settle()
        await world.clock.advance(0.2)
        assert await world.at("web-0") == "n1"

    told(story)


def test_two_pods_with_one_claim_go_to_one_node():
    async def story(world):
        await world.node("n1")
        await world.node("n2")
        await world.api.create(STORAGECLASSES, CLASS)
        await world.pod("web-0", **uses("data"))
        await world.pod("web-1", **uses("data"))
        await world.clock.advance(1)
        await world.api.create(PERSISTENTVOLUMECLAIMS, claim("data"))
        await settle()
        await world.clock.advance(0.2)
        found = await world.api.get(PERSISTENTVOLUMECLAIMS, key("data"))
        chosen = found["metadata"]["annotations"]["volume.kubernetes.io/selected-node"]
        await world.api.create(PERSISTENTVOLUMES, volume("pv", on=chosen))
        await bind_claim(world, "data", "pv")
        await world.clock.advance(1)
        assert [await world.at("web-0"), await world.at("web-1")] == [chosen, chosen]
        reasons = [reason for name in ("web-0", "web-1") for _, reason, _, _ in await world.events(name)]
        assert reasons == ["FailedScheduling", "Scheduled"] * 2

    told(story)

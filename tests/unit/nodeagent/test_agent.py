"""A whole agent on a made-up node: pods come up, restart, end, and survive the agent."""

import asyncio
from typing import Any

from moorage.api.refs import Document
from tests.fakes.podserver import PODS
from tests.unit.nodeagent.kit import Rig, pod_document


def condition(rig: Rig, name: str, kind: str) -> str:
    found = [one["status"] for one in rig.server.status(name).get("conditions", []) if one["type"] == kind]
    return found[0] if found else ""


def ready(rig: Rig, name: str = "web-0") -> bool:
    return condition(rig, name, "Ready") == "True"


def state(rig: Rig, name: str = "web-0") -> dict[str, Any]:
    found: dict[str, Any] = rig.server.status(name)["containerStatuses"][0]
    return found


def test_a_pod_becomes_ready_and_says_where_it_is() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        status = rig.server.status("web-0")
        assert status["phase"] == "Running"
        assert status["podIP"].startswith("10.42.0.")
        assert status["podIPs"] == [{"ip": status["podIP"]}]
        assert (status["hostIP"], status["qosClass"]) == ("192.0.2.10", "BestEffort")
        assert state(rig)["containerID"].startswith("containerd://")
        assert state(rig)["restartCount"] == 0
        await rig.stop()

    asyncio.run(story())


def test_the_events_of_a_start_are_the_kubelets() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        await rig.clock.advance(0.1)
        reasons = [reason for reason, _ in rig.server.events()]
        assert reasons == ["Pulling", "Pulled", "Created", "Started"]
        assert dict(rig.server.events())["Started"] == "Started container web"
        await rig.stop()

    asyncio.run(story())


def test_a_deleted_pod_stops_and_then_leaves_the_api() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.delete("web-0", 30)
        await rig.until(lambda: rig.server.pod("web-0") is None, 5.0)
        last = rig.server.status_writes[-1]
        assert last["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
        await rig.clock.advance(1.0)
        assert await rig.runtime.list_pods() == []
        await rig.stop()

    asyncio.run(story())


def test_a_restarted_agent_leaves_the_pod_and_its_status_alone() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        before, seen = rig.server.status("web-0"), await rig.runtime.list_pods()
        await rig.agent.stop()
        await rig.clock.advance(60.0)
        writes = len(rig.server.status_writes)
        rig.agent = rig.new_agent()
        await rig.start()
        await rig.clock.advance(20.0)
        assert rig.server.status("web-0") == before
        assert len(rig.server.status_writes) == writes
        assert await rig.runtime.list_pods() == seen
        await rig.stop()

    asyncio.run(story())


def test_a_restarted_agent_does_not_make_a_ready_pod_unready() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        probe = {"tcpSocket": {"port": 80}, "failureThreshold": 3}
        await rig.apply(pod_document(containers=[{"name": "web", "image": "busybox:1", "readinessProbe": probe}]))
        await rig.until(lambda: ready(rig), 1.0)
        await rig.agent.stop()
        rig.network.codes[f"{rig.server.status('web-0')['podIP']}:80"] = 0
        rig.agent = rig.new_agent()
        await rig.start()
        await rig.clock.advance(15.0)
        assert ready(rig)
        await rig.clock.advance(10.0)
        assert not ready(rig)
        await rig.stop()

    asyncio.run(story())


def test_a_pod_deleted_while_the_agent_was_away_is_stopped() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        await rig.agent.stop()
        await rig.server.remove(f"{PODS}/web-0")
        rig.agent = rig.new_agent()
        await rig.start()
        await rig.clock.advance(5.0)
        assert await rig.runtime.list_pods() == []
        await rig.stop()

    asyncio.run(story())


def test_the_same_name_with_another_uid_waits_for_the_older_one_to_end() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        slow = {"sim.moorage.dev/stop-seconds": "10"}
        first = pod_document()
        await rig.apply({**first, "metadata": {**first["metadata"], "annotations": slow}})
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.remove(f"{PODS}/web-0")
        await rig.apply({**first, "metadata": {**first["metadata"], "uid": "second"}})
        await rig.clock.advance(5.0)
        assert {one.uid for one in await rig.runtime.list_pods()} == {"web-0-uid"}
        await rig.until(lambda: ready(rig), 20.0)
        assert {one.uid for one in await rig.runtime.list_pods()} == {"second"}
        await rig.stop()

    asyncio.run(story())


def test_nothing_starts_before_a_consistent_read_confirms_the_pod() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.server.hold(held=True)
        await rig.apply(pod_document())
        await rig.server.hold(held=False)
        del rig.server.objects[f"{PODS}/web-0"]
        await rig.clock.advance(3.0)
        assert await rig.runtime.list_pods() == []
        await rig.stop()

    asyncio.run(story())


def test_a_missing_image_backs_off() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document(containers=[{"name": "web", "image": "missing:1"}]))
        await rig.clock.advance(1.0)
        assert state(rig)["state"]["waiting"]["reason"] == "ErrImagePull"
        await rig.clock.advance(3.0)
        waiting = state(rig)["state"]["waiting"]
        assert waiting["reason"] == "ImagePullBackOff"
        assert waiting["message"].startswith('Back-off pulling image "missing:1": ErrImagePull: ')
        assert rig.server.status("web-0")["phase"] == "Pending"
        await rig.stop()

    asyncio.run(story())


def test_a_crashing_container_backs_off_from_its_second_end_on() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        document = pod_document()
        crash = {"sim.moorage.dev/exit-after": "1"}
        await rig.apply({**document, "metadata": {**document["metadata"], "annotations": crash}})
        await rig.clock.advance(1.5)
        assert state(rig)["restartCount"] == 1
        await rig.clock.advance(2.0)
        assert state(rig)["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        assert state(rig)["lastState"]["terminated"]["exitCode"] == 1
        assert "BackOff" in [reason for reason, _ in rig.server.events()]
        await rig.clock.advance(10.0)
        assert state(rig)["restartCount"] == 2
        await rig.stop()

    asyncio.run(story())


def test_readiness_follows_the_probe() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1, "failureThreshold": 2}
        await rig.apply(pod_document(containers=[{"name": "web", "image": "busybox:1", "readinessProbe": probe}]))
        await rig.until(lambda: ready(rig), 1.0)
        url = f"http://{rig.server.status('web-0')['podIP']}:80/"
        rig.network.codes[url] = 500
        await rig.clock.advance(2.5)
        assert not ready(rig)
        assert ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500") in rig.server.events()
        rig.network.codes[url] = 200
        await rig.clock.advance(1.5)
        assert ready(rig)
        await rig.stop()

    asyncio.run(story())


def test_a_failed_liveness_probe_restarts_the_container() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        probe = {"tcpSocket": {"port": 80}, "periodSeconds": 1, "failureThreshold": 1, "initialDelaySeconds": 5}
        await rig.apply(pod_document(containers=[{"name": "web", "image": "busybox:1", "livenessProbe": probe}]))
        await rig.until(lambda: ready(rig), 1.0)
        rig.network.codes[f"{rig.server.status('web-0')['podIP']}:80"] = 0
        await rig.clock.advance(6.0)
        assert state(rig)["restartCount"] == 1
        assert ("Killing", "Container web failed liveness probe, will be restarted") in rig.server.events()
        await rig.stop()

    asyncio.run(story())


def test_the_node_registers_and_renews_its_lease() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        created = next(one for one in rig.server.requests if one.method == "POST" and one.path == "/api/v1/nodes")
        assert isinstance(created.body, dict)
        assert created.body["status"]["allocatable"]["pods"] == "110"
        node = rig.server.objects["/api/v1/nodes/node-0"]
        assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "node-0"
        assert node["status"]["capacity"]["pods"] == "110"
        assert node["status"]["nodeInfo"]["containerRuntimeVersion"] == "sim://1.0.0"
        path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-0"
        first = rig.server.objects[path]["spec"]["renewTime"]
        await rig.clock.advance(10.5)
        assert rig.server.objects[path]["spec"]["renewTime"] > first
        await rig.stop()

    asyncio.run(story())


def unready(pod: Document) -> Document:
    """Return a pod as the node controller leaves it on a node that was silent."""
    told = [{**one, "status": "False"} if one["type"] == "Ready" else one for one in pod["status"]["conditions"]]
    return {**pod, "status": {**pod["status"], "conditions": told}}


def test_a_pod_called_unready_by_somebody_else_is_called_ready_again() -> None:
    async def story() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        await rig.clock.advance(20.0)
        writes = len(rig.server.status_writes)
        await rig.server.put(f"{PODS}/web-0", unready(rig.server.objects[f"{PODS}/web-0"]))
        assert not ready(rig)
        await rig.until(lambda: ready(rig), 1.0)
        await rig.clock.advance(20.0)
        assert len(rig.server.status_writes) == writes + 1
        await rig.stop()

    asyncio.run(story())

"""The article's manifest in real containers, with images made on the spot; afterwards the machine is as before."""

import asyncio
import json
import os
import shutil
import signal
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.nodeagent.cri import hostrecord
from moorage.nodeagent.cri.layout import Layout
from moorage.nodeagent.cri.leftovers import leftovers
from moorage.nodeagent.cri.prerequisites import missing
from moorage.nodeagent.cri.registry import Registry
from moorage.nodeagent.cri.standins import demo_images
from tests.e2e.moor import ARTICLE, STORAGE_CLASS, Moor, eventually, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WAIT = "--timeout=60s"
# Not the defaults: a cluster of the developer's may be running.
NETWORKS = ("--pod-cidr", "10.251.0.0/16", "--service-cidr", "10.252.0.0/16")
DEADLINE_SECONDS = 30.0


@pytest.fixture(scope="module")
def mirror() -> Iterator[str]:
    """URL of a registry that serves the article's images."""
    busybox = shutil.which("busybox")
    lacks = missing() + ([] if busybox else ["busybox is not installed: apt-get install busybox-static"])
    if lacks or busybox is None:
        pytest.skip(f"REAL CONTAINERS NOT TESTED: {'; '.join(lacks)}")
    registry = Registry(demo_images(Path(busybox).read_bytes()))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(registry.start(), loop).result(DEADLINE_SECONDS)
    finally:
        asyncio.run_coroutine_threadsafe(registry.close(), loop).result(DEADLINE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def moor(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """A node of real containers with the article's application rolled out; what it leaves behind fails the run."""
    cluster = Moor(tmp_path_factory.mktemp("real") / "data")
    before = asyncio.run(hostrecord.look())
    try:
        cluster.up("--mirror", mirror, *NETWORKS)
        cluster.must("apply", "-f", "-", text=STORAGE_CLASS)
        cluster.must("apply", "-f", str(ARTICLE))
        cluster.must("rollout", "status", "sts/myapp", WAIT)
        yield cluster
    finally:
        purged = cluster.purge()
    assert (purged.code, purged.err) == (0, "")
    assert not cluster.data_dir.exists()
    assert running(cluster.data_dir) == {}
    assert asyncio.run(leftovers(Layout(cluster.data_dir), before)) == []


def page(address: str) -> str:
    """Return the page at a pod's address, fetched past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}/", timeout=10) as answer:
        return str(answer.read().decode())


def addresses(moor: Moor) -> dict[str, str]:
    """Return the address of each pod by name."""
    return {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in moor.objects("pods")}


def identity(moor: Moor, pod: str) -> tuple[str, str, int]:
    """Return what a pod must keep when only its agent dies: uid, container, restarts."""
    found = next(one for one in moor.objects("pods") if one["metadata"]["name"] == pod)
    container = found["status"]["containerStatuses"][0]
    return found["metadata"]["uid"], container["containerID"], container["restartCount"]


def test_every_pod_serves_its_own_page(moor: Moor) -> None:
    found = addresses(moor)
    assert sorted(found) == ["myapp-0", "myapp-1"]
    for name, address in found.items():
        assert address.startswith("10.251.0.")
        assert page(address) == f"Hello MyApp | Version: v5 | {name}\n"


def test_the_page_is_in_the_volume_and_outlives_the_pod(moor: Moor) -> None:
    moor.must("exec", "myapp-1", "--", "sh", "-c", "echo mine > /usr/share/nginx/html/index.html")
    before = identity(moor, "myapp-1")
    moor.must("delete", "pod", "myapp-1")
    moor.must("rollout", "status", "sts/myapp", WAIT)
    assert identity(moor, "myapp-1")[0] != before[0]
    assert page(addresses(moor)["myapp-1"]) == "mine\n"


def test_a_killed_agent_comes_back_and_pods_do_not_notice(moor: Moor) -> None:
    before = identity(moor, "myapp-0")
    dead = moor.recorded_pid("agent-node-0")
    # Its own credentials are enough: the authority's key is not for agents.
    authority_key = moor.data_dir / "pki" / "ca.key"
    hidden = authority_key.rename(authority_key.with_name("hidden"))
    os.kill(dead, signal.SIGKILL)
    assert page(addresses(moor)["myapp-0"]) == "Hello MyApp | Version: v5 | myapp-0\n"
    asyncio.run(eventually(lambda: moor.recorded_pid("agent-node-0") != dead))
    # The new agent works: it makes a pod and removes it.
    moor.must("scale", "sts/myapp", "--replicas=3")
    moor.must("rollout", "status", "sts/myapp", WAIT)
    moor.must("scale", "sts/myapp", "--replicas=2")
    moor.must("wait", "pod/myapp-2", "--for=delete", WAIT)
    assert identity(moor, "myapp-0") == before
    hidden.rename(authority_key)


def test_a_killed_control_plane_comes_back_and_pods_do_not_notice(moor: Moor, mirror: str) -> None:
    before = {name: identity(moor, name) for name in addresses(moor)}
    found = addresses(moor)
    agent = moor.recorded_pid("agent-node-0")
    os.kill(moor.recorded_pid("control-plane"), signal.SIGKILL)
    assert page(found["myapp-0"]) == "Hello MyApp | Version: v5 | myapp-0\n"
    moor.up("--mirror", mirror, *NETWORKS, "--port", port(moor))
    moor.must("rollout", "status", "sts/myapp", WAIT)
    assert {name: identity(moor, name) for name in before} == before
    assert moor.recorded_pid("agent-node-0") == agent


def test_all_processes_killed_at_once_and_pods_do_not_notice(moor: Moor, mirror: str) -> None:
    before = {name: identity(moor, name) for name in addresses(moor)}
    number, old = port(moor), agent_port(moor)
    for name in ("control-plane", "agent-node-0"):
        os.kill(moor.recorded_pid(name), signal.SIGKILL)
    for pid in containerd(moor):
        os.kill(pid, signal.SIGKILL)
    moor.up("--mirror", mirror, *NETWORKS, "--port", number)
    moor.must("rollout", "status", "sts/myapp", WAIT)
    asyncio.run(eventually(lambda: agent_port(moor) != old))
    moor.must("exec", "myapp-0", "--", "true")
    assert {name: identity(moor, name) for name in before} == before


def agent_port(moor: Moor) -> int:
    """Return the port where the node says its agent listens."""
    (node,) = moor.objects("nodes")
    return int(node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"])


def containerd(moor: Moor) -> list[int]:
    """Return the pids of the cluster's containerd; its shims are not among them."""
    found = [pid for pid, line in running(moor.data_dir).items() if Path(line.split()[0]).name == "containerd"]
    assert found
    return found


def port(moor: Moor) -> str:
    """Return the port of the API server."""
    serving = json.loads((moor.data_dir / "run" / "serving.info").read_text())
    return str(serving["server"]).rpartition(":")[2]


def test_scaling_down_removes_the_highest_and_keeps_its_claim(moor: Moor) -> None:
    moor.must("scale", "sts/myapp", "--replicas=1")
    moor.must("wait", "pod/myapp-1", "--for=delete", WAIT)
    assert sorted(addresses(moor)) == ["myapp-0"]
    assert [one["status"]["phase"] for one in moor.objects("pvc")][:2] == ["Bound", "Bound"]
    moor.must("scale", "sts/myapp", "--replicas=2")
    moor.must("rollout", "status", "sts/myapp", WAIT)
    assert sorted(addresses(moor)) == ["myapp-0", "myapp-1"]

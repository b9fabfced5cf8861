"""The article's manifest in real containers, with images made on the spot; afterwards the machine is as before."""

import asyncio
import json
import os
import signal
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import NETWORKS, WAIT
from tests.e2e.moor import Moor, eventually, listens, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def page(address: str) -> str:
    """Return the page at a pod's address, fetched past any proxy."""
    asyncio.run(eventually(lambda: listens(address)))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}/", timeout=10) as answer:
        return str(answer.read().decode())


def addresses(real: Moor) -> dict[str, str]:
    """Return the address of each pod by name."""
    return {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in real.objects("pods")}


def identity(real: Moor, pod: str) -> tuple[str, str, int]:
    """Return what a pod must keep when only its agent dies: uid, container, restarts."""
    found = next(one for one in real.objects("pods") if one["metadata"]["name"] == pod)
    container = found["status"]["containerStatuses"][0]
    return found["metadata"]["uid"], container["containerID"], container["restartCount"]


def test_every_pod_serves_its_own_page(real: Moor) -> None:
    found = addresses(real)
    assert sorted(found) == ["myapp-0", "myapp-1"]
    for name, address in found.items():
        assert address.startswith("10.251.0.")
        assert page(address) == f"Hello MyApp | Version: v5 | {name}\n"


def test_the_page_is_in_the_volume_and_outlives_the_pod(real: Moor) -> None:
    real.must("exec", "myapp-1", "--", "sh", "-c", "echo mine > /usr/share/nginx/html/index.html")
    before = identity(real, "myapp-1")
    real.must("delete", "pod", "myapp-1")
    real.must("rollout", "status", "sts/myapp", WAIT)
    assert identity(real, "myapp-1")[0] != before[0]
    assert page(addresses(real)["myapp-1"]) == "mine\n"


def test_a_killed_agent_comes_back_and_pods_do_not_notice(real: Moor) -> None:
    before = identity(real, "myapp-0")
    dead = real.recorded_pid("agent-node-0")
    # Its own credentials are enough: the authority's key is not for agents.
    authority_key = real.data_dir / "pki" / "ca.key"
    hidden = authority_key.rename(authority_key.with_name("hidden"))
    os.kill(dead, signal.SIGKILL)
    assert page(addresses(real)["myapp-0"]) == "Hello MyApp | Version: v5 | myapp-0\n"
    asyncio.run(eventually(lambda: real.recorded_pid("agent-node-0") != dead))
    # The new agent works: it makes a pod and removes it.
    real.must("scale", "sts/myapp", "--replicas=3")
    real.must("rollout", "status", "sts/myapp", WAIT)
    real.must("scale", "sts/myapp", "--replicas=2")
    real.must("wait", "pod/myapp-2", "--for=delete", WAIT)
    assert identity(real, "myapp-0") == before
    hidden.rename(authority_key)


def test_a_killed_control_plane_comes_back_and_pods_do_not_notice(real: Moor, mirror: str) -> None:
    before = {name: identity(real, name) for name in addresses(real)}
    found = addresses(real)
    agent = real.recorded_pid("agent-node-0")
    os.kill(real.recorded_pid("control-plane"), signal.SIGKILL)
    assert page(found["myapp-0"]) == "Hello MyApp | Version: v5 | myapp-0\n"
    real.up("--mirror", mirror, *NETWORKS, "--port", port(real))
    real.must("rollout", "status", "sts/myapp", WAIT)
    assert {name: identity(real, name) for name in before} == before
    assert real.recorded_pid("agent-node-0") == agent


def test_all_processes_killed_at_once_and_pods_do_not_notice(real: Moor, mirror: str) -> None:
    before = {name: identity(real, name) for name in addresses(real)}
    number, old = port(real), agent_port(real)
    for name in ("control-plane", "agent-node-0"):
        os.kill(real.recorded_pid(name), signal.SIGKILL)
    for pid in containerd(real):
        os.kill(pid, signal.SIGKILL)
    real.up("--mirror", mirror, *NETWORKS, "--port", number)
    real.must("rollout", "status", "sts/myapp", WAIT)
    asyncio.run(eventually(lambda: agent_port(real) != old))
    real.must("exec", "myapp-0", "--", "true")
    assert {name: identity(real, name) for name in before} == before


def agent_port(real: Moor) -> int:
    """Return the port where the node says its agent listens."""
    (node,) = real.objects("nodes")
    return int(node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"])


def containerd(real: Moor) -> list[int]:
    """Return the pids of the cluster's containerd; its shims are not among them."""
    found = [pid for pid, line in running(real.data_dir).items() if Path(line.split()[0]).name == "containerd"]
    assert found
    return found


def port(real: Moor) -> str:
    """Return the port of the API server."""
    serving = json.loads((real.data_dir / "run" / "serving.info").read_text())
    return str(serving["server"]).rpartition(":")[2]


def test_scaling_down_removes_the_highest_and_keeps_its_claim(real: Moor) -> None:
    real.must("scale", "sts/myapp", "--replicas=1")
    real.must("wait", "pod/myapp-1", "--for=delete", WAIT)
    assert sorted(addresses(real)) == ["myapp-0"]
    assert [one["status"]["phase"] for one in real.objects("pvc")][:2] == ["Bound", "Bound"]
    real.must("scale", "sts/myapp", "--replicas=2")
    real.must("rollout", "status", "sts/myapp", WAIT)
    assert sorted(addresses(real)) == ["myapp-0", "myapp-1"]

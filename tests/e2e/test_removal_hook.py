"""The pre-removal hook in real containers: it holds a pod, and a kill of agent and control plane loses no request."""

import asyncio
import json
import os
import signal

import pytest

from tests.e2e.conftest import NETWORKS, WAIT
from tests.e2e.moor import Moor, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
HOOK = 'moorage.dev/pre-removal-hook={"exec":{"command":["sh","-c","test -e /tmp/left && echo bye || exit 3"]}}'


def test_a_hook_outlives_kills_and_lets_the_pod_go_when_it_succeeds(real: Moor, mirror: str) -> None:
    real.must("annotate", "sts", "myapp", HOOK)
    real.must("scale", "sts/myapp", "--replicas=1")
    asyncio.run(eventually(lambda: "the hook failed" in real.must("why", "sts/myapp").out))
    agent = real.recorded_pid("agent-node-0")
    serving = json.loads((real.data_dir / "run" / "serving.info").read_text())
    port = str(serving["server"]).rpartition(":")[2]
    os.kill(real.recorded_pid("control-plane"), signal.SIGKILL)
    os.kill(agent, signal.SIGKILL)
    real.up("--mirror", mirror, *NETWORKS, "--port", port)
    asyncio.run(eventually(lambda: real.recorded_pid("agent-node-0") != agent))
    assert {pod["metadata"]["name"] for pod in real.objects("pods")} == {"myapp-0", "myapp-1"}
    asyncio.run(eventually(lambda: real.run("exec", "myapp-1", "--", "touch", "/tmp/left").code == 0))
    real.must("wait", "pod/myapp-1", "--for=delete", "--timeout=90s")
    reasons = [one["reason"] for one in real.objects("events") if one["involvedObject"]["name"] == "myapp-1"]
    assert {"FailedPreRemovalHook", "PreRemovalHookSucceeded"} <= set(reasons)
    real.must("rollout", "status", "sts/myapp", WAIT)

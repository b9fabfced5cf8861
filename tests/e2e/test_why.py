"""`moor why` understands what real containers, kernels and registries say."""

import asyncio
import json
from typing import Any

import pytest

from tests.e2e.moor import Moor, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
IMAGE = "ikubernetes/myapp:v5"
SHELL = ["sh", "-c"]
STALLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "absent": ({"image": "ikubernetes/myapp:nope"}, "ImagePullFailed", "not found"),
    "crash": ({"command": [*SHELL, "exit 3"]}, "CrashLoop", "exit code 3"),
    "greedy": (
        {"command": [*SHELL, "tail /dev/zero"], "resources": {"limits": {"memory": "16Mi"}}},
        "OutOfMemory",
        "memory limit 16Mi",
    ),
    "lost": ({"command": ["/no/such/program"]}, "ContainerCannotStart", "/no/such/program"),
    "mute": (
        {"readinessProbe": {"httpGet": {"path": "/nothing", "port": 80}, "periodSeconds": 1}},
        "ReadinessProbeFailing",
        "404",
    ),
}
"""Name of a set of one pod: what is special about its container, the gate, part of the evidence."""


def _set(name: str, container: dict[str, Any]) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": IMAGE, **container}]},
    }
    spec = {"replicas": 1, "serviceName": "demo-svc", "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}


def test_real_stalls_are_explained(real: Moor) -> None:
    for name, (container, _, _) in STALLS.items():
        real.must("apply", "-f", "-", text=json.dumps(_set(name, container)))
    found: dict[str, tuple[str, str]] = {}

    def explained() -> bool:
        for name in STALLS:
            gates = json.loads(real.must("why", f"sts/{name}", "-o", "json").out)["gates"]
            found[name] = (gates[0]["gate"], gates[0]["evidence"]) if gates else ("", "")
        return all(found[name][0] == gate and text in found[name][1] for name, (_, gate, text) in STALLS.items())

    try:
        asyncio.run(eventually(explained))
    except TimeoutError:
        pytest.fail(f"explained as {found}")

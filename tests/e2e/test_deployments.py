"""A Deployment of real containers: another image and back, every page served from the right one."""

import json
import urllib.request
from typing import Any

import pytest

from tests.e2e.conftest import WAIT
from tests.e2e.moor import Moor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LABELS = {"app": "shop"}
SHOP: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": LABELS},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "c", "image": "ikubernetes/myapp:v5"}],
            },
        },
    },
}


def versions(real: Moor) -> list[str]:
    """Return which version each pod that stays serves."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    pods = [pod for pod in real.objects("pods") if pod["metadata"]["labels"].get("app") == "shop"]
    staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    pages = [opener.open(f"http://{pod['status']['podIP']}/", timeout=10).read().decode() for pod in staying]
    return sorted(page.split(" | ")[1].strip() for page in pages)


def test_another_image_and_back(real: Moor) -> None:
    real.must("apply", "-f", "-", text=json.dumps(SHOP))
    real.must("rollout", "status", "deploy/shop", WAIT)
    assert versions(real) == ["Version: v5"] * 2
    newer = json.loads(json.dumps(SHOP).replace("myapp:v5", "myapp:v6"))
    real.must("apply", "-f", "-", text=json.dumps(newer))
    real.must("rollout", "status", "deploy/shop", WAIT)
    assert versions(real) == ["Version: v6"] * 2
    real.must("rollout", "undo", "deploy/shop")
    real.must("rollout", "status", "deploy/shop", WAIT)
    assert versions(real) == ["Version: v5"] * 2
    real.must("delete", "deploy/shop", "--cascade=foreground")
    assert [pod for pod in real.objects("pods") if pod["metadata"]["labels"].get("app") == "shop"] == []

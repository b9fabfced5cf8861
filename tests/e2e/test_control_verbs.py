"""Verbs that steer a set beyond Kubernetes, told by the real command on made-up nodes."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.e2e.moor import Moor, eventually

pytestmark = pytest.mark.slow
WAIT = "--timeout=30s"
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  replicas: 3
  serviceName: web
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers: [{name: c, image: app:1}]
"""
NAME = "statefulset.apps/web"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """Two made-up nodes."""
    made = Moor(tmp_path_factory.mktemp("control") / "data")
    made.up("--runtime", "sim", "--nodes", "2")
    try:
        yield made
    finally:
        made.purge()


@pytest.fixture
def moor(cluster: Moor) -> Iterator[Moor]:
    """A cluster with a set of three pods that are ready."""
    cluster.must("apply", "-f", "-", text=SET)
    cluster.must("rollout", "status", "sts/web", WAIT)
    yield cluster
    cluster.must("delete", "sts/web", "--cascade=foreground")
    for index in range(5):
        cluster.run("wait", f"pod/web-{index}", "--for=delete", WAIT)


def change(moor: Moor, old: str, new: str) -> None:
    """Apply the set's manifest with one thing changed."""
    assert old in SET
    moor.must("apply", "-f", "-", text=SET.replace(old, new))


def images(moor: Moor) -> dict[str, str]:
    """Return the image of each pod, by name."""
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in moor.objects("pods")}


def test_a_paused_set_waits_and_a_resumed_one_goes_on(moor: Moor) -> None:
    assert moor.must("rollout", "pause", "sts/web").lines == [f"{NAME} paused"]
    again = moor.run("rollout", "pause", "sts/web")
    assert (again.code, again.err) == (1, 'error: statefulsets.apps "web" is already paused\n')
    change(moor, "image: app:1", "image: app:2")
    asyncio.run(eventually(lambda: "RolloutPaused" in moor.must("why", "sts/web").out))
    before = {pod["metadata"]["uid"] for pod in moor.objects("pods")}
    moor.must("delete", "pod", "web-1")
    asyncio.run(eventually(lambda: {pod["metadata"]["uid"] for pod in moor.objects("pods")} != before))
    asyncio.run(eventually(lambda: images(moor) == dict.fromkeys(("web-0", "web-1", "web-2"), "app:1")))
    assert moor.must("rollout", "resume", "sts/web").lines == [f"{NAME} resumed"]
    moor.must("rollout", "status", "sts/web", WAIT)
    assert set(images(moor).values()) == {"app:2"}


def test_an_order_is_obeyed(moor: Moor) -> None:
    moor.must("annotate", "sts", "web", "moorage.dev/update-order=forward")
    change(moor, "image: app:1", "image: app:2")
    moor.must("rollout", "status", "sts/web", WAIT)
    pods = sorted(moor.objects("pods"), key=lambda pod: int(pod["metadata"]["resourceVersion"]))
    assert [pod["metadata"]["name"] for pod in pods] == ["web-0", "web-1", "web-2"]

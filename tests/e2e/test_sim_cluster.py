"""The article's manifest on made-up nodes, told by the real command from `up` to `down --purge`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.moor import ARTICLE, STORAGE_CLASS, Moor, running

pytestmark = pytest.mark.slow
WAIT = "--timeout=30s"


@pytest.fixture
def moor(tmp_path: Path) -> Iterator[Moor]:
    """Two made-up nodes with the article's application rolled out."""
    cluster = Moor(tmp_path / "data")
    cluster.up("--runtime", "sim", "--nodes", "2")
    try:
        cluster.must("apply", "-f", "-", text=STORAGE_CLASS)
        cluster.must("apply", "-f", str(ARTICLE))
        cluster.must("rollout", "status", "sts/myapp", WAIT)
        yield cluster
    finally:
        cluster.purge()


def events(moor: Moor, reason: str) -> list[str]:
    """Return the messages of the set's events of a reason, oldest first."""
    found = [one for one in moor.objects("events") if one["reason"] == reason and of_set(one)]
    found.sort(key=lambda one: int(one["metadata"]["resourceVersion"]))
    return [one["message"] for one in found]


def of_set(event: dict[str, Any]) -> bool:
    """Return whether an event is about the StatefulSet."""
    return bool(event["involvedObject"]["kind"] == "StatefulSet")


def test_what_get_prints_after_the_rollout(moor: Moor) -> None:
    assert [row[:2] for row in moor.must("get", "sts").rows()] == [["myapp", "2/2"]]
    pods = [row[:4] for row in moor.must("get", "pods").rows()]
    assert pods == [["myapp-0", "1/1", "Running", "0"], ["myapp-1", "1/1", "Running", "0"]]
    claims = moor.must("get", "pvc", "--no-headers").lines
    assert [line.split()[:2] for line in claims] == [["myappdata-myapp-0", "Bound"], ["myappdata-myapp-1", "Bound"]]
    assert {pod["spec"]["nodeName"] for pod in moor.objects("pods")} == {"node-0", "node-1"}
    assert moor.must("get", "pods", "-o", "name").lines == ["pod/myapp-0", "pod/myapp-1"]


def test_an_unchanged_manifest_changes_nothing(moor: Moor) -> None:
    before = moor.objects("sts")[0]["metadata"]["resourceVersion"]
    told = moor.must("apply", "-f", str(ARTICLE)).lines
    assert told == ["service/demo-svc unchanged", "statefulset.apps/myapp unchanged"]
    assert moor.objects("sts")[0]["metadata"]["resourceVersion"] == before


def test_pods_are_made_upwards_and_removed_downwards_and_claims_stay(moor: Moor) -> None:
    assert moor.must("scale", "sts/myapp", "--replicas=4").lines == ["statefulset.apps/myapp scaled"]
    moor.must("rollout", "status", "sts/myapp", WAIT)
    volumes = {one["metadata"]["name"]: one["spec"]["volumeName"] for one in moor.objects("pvc")}
    moor.must("scale", "sts/myapp", "--replicas=1")
    moor.must("wait", "pod/myapp-1", "--for=delete", WAIT)
    created = [line for line in events(moor, "SuccessfulCreate") if line.startswith("create Pod")]
    assert created == [f"create Pod myapp-{index} in StatefulSet myapp successful" for index in (0, 1, 2, 3)]
    deleted = [f"delete Pod myapp-{index} in StatefulSet myapp successful" for index in (3, 2, 1)]
    assert events(moor, "SuccessfulDelete") == deleted
    assert moor.must("get", "pods", "-o", "name").lines == ["pod/myapp-0"]
    assert {one["metadata"]["name"]: one["spec"]["volumeName"] for one in moor.objects("pvc")} == volumes
    assert sorted(volumes) == [f"myappdata-myapp-{index}" for index in range(4)]


def test_a_deleted_pod_comes_back_with_its_name_and_claim(moor: Moor) -> None:
    before = {one["metadata"]["name"]: one["metadata"]["uid"] for one in moor.objects("pods")}
    claim = moor.objects("pvc")[1]["spec"]["volumeName"]
    moor.must("delete", "pod", "myapp-1")
    moor.must("rollout", "status", "sts/myapp", WAIT)
    after = {one["metadata"]["name"]: one["metadata"]["uid"] for one in moor.objects("pods")}
    assert after.keys() == before.keys()
    assert (after["myapp-0"], after["myapp-1"] != before["myapp-1"]) == (before["myapp-0"], True)
    assert moor.objects("pvc")[1]["spec"]["volumeName"] == claim


def test_deleting_the_set_removes_pods_and_keeps_claims(moor: Moor) -> None:
    told = moor.must("delete", "-f", str(ARTICLE)).lines
    assert told == ['service "demo-svc" deleted', 'statefulset.apps "myapp" deleted']
    for pod in ("pod/myapp-0", "pod/myapp-1"):
        moor.must("wait", pod, "--for=delete", WAIT)
    assert moor.objects("pods,sts") == []
    assert [one["status"]["phase"] for one in moor.objects("pvc")] == ["Bound", "Bound"]


def test_a_purge_leaves_no_directory_and_no_process(moor: Moor) -> None:
    assert running(moor.data_dir) != {}
    done = moor.purge()
    assert (done.code, done.err) == (0, "")
    assert not moor.data_dir.exists()
    assert running(moor.data_dir) == {}
    assert moor.must("down").lines == [f"no cluster in {moor.data_dir}"]

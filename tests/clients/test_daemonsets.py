"""The real kubectl with daemon sets and quotas: rolled out, gone back, refused."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import Moor

pytestmark = [pytest.mark.clients, pytest.mark.slow]
WAIT = "--timeout=30s"
AGENT = "daemonset.apps/agent"
SET = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: "agent:1"}]
"""


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A cluster of three made-up nodes with a daemon on each."""
    moor = Moor(tmp_path_factory.mktemp("daemons") / "data")
    moor.up("--runtime", "sim", "--nodes", "3")
    try:
        client = Kubectl(moor)
        client.must("apply", "-f", "-", text=SET)
        client.must("rollout", "status", AGENT, WAIT)
        yield client
    finally:
        moor.purge()


def test_one_pod_a_node_updated_and_gone_back(kubectl: Kubectl) -> None:
    heads, row = (line.split() for line in kubectl.must("get", "ds", "agent"))
    assert heads == ["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE", "SELECTOR", "AGE"]
    assert row[:7] == ["agent", "3", "3", "3", "3", "3", "<none>"]
    assert len({pod["spec"]["nodeName"] for pod in kubectl.get("pods", "-l", "app=agent")["items"]}) == 3
    kubectl.must("set", "image", AGENT, "c=agent:2")
    told = kubectl.must("rollout", "status", AGENT, WAIT)
    assert told[-1] == 'daemon set "agent" successfully rolled out'
    assert _images(kubectl) == {"agent:2"}
    assert [line.split()[0] for line in kubectl.must("rollout", "history", AGENT)[2:] if line] == ["1", "2"]
    assert kubectl.must("rollout", "undo", AGENT) == [f"{AGENT} rolled back"]
    kubectl.must("rollout", "status", AGENT, WAIT)
    assert _images(kubectl) == {"agent:1"}
    assert [line.split()[0] for line in kubectl.must("rollout", "history", AGENT)[2:] if line] == ["2", "3"]


def _images(kubectl: Kubectl) -> set[str]:
    pods = kubectl.get("pods", "-l", "app=agent")["items"]
    return {pod["spec"]["containers"][0]["image"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}


def test_drain_passes_daemons_over(kubectl: Kubectl) -> None:
    node = kubectl.get("pods", "-l", "app=agent")["items"][0]["spec"]["nodeName"]
    refused = kubectl.run("drain", node, "--timeout=3s")
    assert "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" in refused.err
    assert kubectl.must("drain", node, "--ignore-daemonsets", WAIT)[-1] == f"node/{node} drained"
    # A daemon stays on a node that takes no other pods.
    assert kubectl.get("ds", "agent")["status"]["desiredNumberScheduled"] == 3
    kubectl.must("uncordon", node)


def test_a_quota_is_counted_and_obeyed(kubectl: Kubectl) -> None:
    kubectl.must("create", "namespace", "small")
    kubectl.must("create", "quota", "q", "--hard=pods=1,count/configmaps=2", "-n", "small")
    # The account of the cluster's authority is the first config map.
    kubectl.must("wait", "quota/q", "-n", "small", "--for=jsonpath={.status.used.count/configmaps}=1", WAIT)
    kubectl.must("run", "one", "--image=app:1", "-n", "small")
    refused = kubectl.run("run", "two", "--image=app:1", "-n", "small")
    assert refused.err == (
        'Error from server (Forbidden): pods "two" is forbidden: '
        "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1\n"
    )
    kubectl.must("wait", "quota/q", "-n", "small", "--for=jsonpath={.status.used.pods}=1", WAIT)
    heads, row = (line.split() for line in kubectl.must("get", "quota", "q", "-n", "small"))
    assert heads == ["NAME", "AGE", "REQUEST", "LIMIT"]
    assert row[2:] == ["count/configmaps:", "1/2,", "pods:", "1/1"]

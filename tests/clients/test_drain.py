"""The real kubectl drains a node against a disruption budget: refused while the budget holds, done once it does not."""

from collections.abc import Iterator

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import Moor

pytestmark = [pytest.mark.clients, pytest.mark.slow]
WAIT = "--timeout=30s"
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 2
  serviceName: web
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: web}}
      containers: [{name: c, image: nginx}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
"""


@pytest.fixture
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A cluster of two made-up nodes with a set of two pods that nobody may disturb."""
    moor = Moor(tmp_path_factory.mktemp("drain") / "data")
    moor.up("--runtime", "sim", "--nodes", "2")
    try:
        client = Kubectl(moor)
        client.must("apply", "-f", "-", text=SET)
        client.must("rollout", "status", "statefulset/web", WAIT)
        yield client
    finally:
        moor.purge()


def test_drain_waits_for_the_budget_and_then_passes(kubectl: Kubectl) -> None:
    kubectl.must("wait", "pdb/web", "--for=jsonpath={.status.currentHealthy}=2", WAIT)
    budget = kubectl.get("pdb", "web")["status"]
    assert (budget["expectedPods"], budget["desiredHealthy"], budget["disruptionsAllowed"]) == (2, 2, 0)
    pod = kubectl.get("pod", "web-0")
    node = pod["spec"]["nodeName"]

    blocked = kubectl.run("drain", node, "--timeout=3s")
    assert blocked.code == 1
    assert 'error when evicting pods/"web-0" -n "default" (will retry after 5s)' in blocked.err
    assert "Cannot evict pod as it would violate the pod's disruption budget." in blocked.err
    assert kubectl.get("pod", "web-0")["metadata"]["uid"] == pod["metadata"]["uid"]

    kubectl.must("patch", "pdb", "web", "-p", '{"spec": {"maxUnavailable": 1}}')
    kubectl.must("wait", "pdb/web", "--for=jsonpath={.status.disruptionsAllowed}=1", WAIT)
    told = kubectl.must("drain", node, WAIT)
    assert {"pod/web-0 evicted", f"node/{node} drained"} <= set(told)
    assert kubectl.get("pods", f"--field-selector=spec.nodeName={node}")["items"] == []

    columns = kubectl.must("get", "pdb", "web")
    assert columns[0].split() == ["NAME", "MIN", "AVAILABLE", "MAX", "UNAVAILABLE", "ALLOWED", "DISRUPTIONS", "AGE"]
    assert columns[1].split()[:4] == ["web", "N/A", "1", "0"]
    kubectl.must("uncordon", node)
    kubectl.must("wait", "sts/web", "--for=jsonpath={.status.readyReplicas}=2", WAIT)

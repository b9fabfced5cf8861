"""A replicated store in the shape stores are packaged in: peers find each other before they are Ready, data survives.

The shape: an init container makes the configuration of its ordinal, with the namespace from the downward API; a headless Service
publishes addresses of pods that are not Ready; readiness is a command; a PodDisruptionBudget guards the majority.
"""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import WAIT
from tests.e2e.moor import Moor, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
NAMESPACE = "store"
# A pod is Ready when it has reached all three by name: with names of Ready pods only, none would ever be.
STORE = """
apiVersion: v1
kind: Service
metadata: {name: kv}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {app: kv}
  ports: [{name: peer, port: 8080}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: kv}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: kv}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kv}
spec:
  replicas: 3
  serviceName: kv
  podManagementPolicy: Parallel
  selector:
    matchLabels: {app: kv}
  template:
    metadata:
      labels: {app: kv}
    spec:
      terminationGracePeriodSeconds: 5
      initContainers:
      - name: configure
        image: ikubernetes/myapp:v5
        command: [sh, -c]
        args:
        - |
          ordinal=${HOSTNAME##*-} domain=kv.$NAMESPACE.svc.cluster.local
          for peer in 0 1 2; do echo kv-$peer.$domain; done > /conf/peers
          [ $ordinal = 0 ] || echo kv-0.$domain > /conf/leader
        env:
        - name: NAMESPACE
          valueFrom:
            fieldRef: {fieldPath: metadata.namespace}
        volumeMounts: [{name: conf, mountPath: /conf}]
      containers:
      - name: store
        image: ikubernetes/myapp:v5
        command: [sh, -c]
        args:
        - |
          trap exit TERM
          httpd -p 8080 -h /data
          echo $HOSTNAME > /data/id
          for peer in $(cat /conf/peers); do
            until wget -q -O - http://$peer:8080/id; do sleep 1 & wait $!; done
          done
          touch /conf/joined
          while :; do
            for leader in $(cat /conf/leader 2>/dev/null); do
              wget -q -O /data/new http://$leader:8080/value && mv /data/new /data/value
            done
            sleep 1 & wait $!
          done
        ports: [{containerPort: 8080}]
        readinessProbe:
          exec: {command: [test, -e, /conf/joined]}
          periodSeconds: 1
        volumeMounts:
        - {name: conf, mountPath: /conf}
        - {name: data, mountPath: /data}
      volumes: [{name: conf, emptyDir: {}}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      storageClassName: managed-nfs-storage
      resources: {requests: {storage: 1Gi}}
"""
PODS = ("kv-0", "kv-1", "kv-2")


@pytest.fixture(scope="module")
def store(real: Moor) -> Iterator[Moor]:
    """Three replicas in a namespace of their own."""
    real.must("apply", "-f", "-", text=f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    real.must("apply", "-n", NAMESPACE, "-f", "-", text=STORE)
    real.must("rollout", "status", "sts/kv", "-n", NAMESPACE, WAIT)
    yield real
    real.must("delete", "namespace", NAMESPACE)


def _write(moor: Moor, text: str) -> None:
    """Write to pod 0 and wait until the others have it, too."""
    moor.must("exec", "kv-0", "-n", NAMESPACE, "--", "sh", "-c", f"echo {text} > /data/value")
    for pod in PODS:
        asyncio.run(eventually(lambda pod=pod: _read(moor, pod) == f"{text}\n"))


def _read(moor: Moor, pod: str) -> str:
    return moor.run("exec", pod, "-n", NAMESPACE, "--", "cat", "/data/value").out


def _uids(moor: Moor) -> dict[str, str]:
    return {one["metadata"]["name"]: one["metadata"]["uid"] for one in moor.objects("pods", "-n", NAMESPACE)}


def _settled(moor: Moor) -> None:
    moor.must("rollout", "status", "sts/kv", "-n", NAMESPACE, WAIT)
    for pod in PODS:
        moor.must("wait", f"pod/{pod}", "-n", NAMESPACE, "--for=condition=Ready", WAIT)


def test_each_configured_itself_and_one_may_be_disrupted(store: Moor) -> None:
    domain = f"kv.{NAMESPACE}.svc.cluster.local"
    for pod in PODS:
        peers = store.must("exec", pod, "-n", NAMESPACE, "--", "cat", "/conf/peers").lines
        assert peers == [f"{one}.{domain}" for one in PODS]
        assert store.run("exec", pod, "-n", NAMESPACE, "--", "test", "-e", "/conf/leader").code == (pod == "kv-0")
    budget = json.loads(store.must("get", "pdb", "kv", "-n", NAMESPACE, "-o", "json").out)["status"]
    assert (budget["expectedPods"], budget["desiredHealthy"]) == (3, 2)


def test_scaled_to_nothing_and_back_the_last_still_has_it(store: Moor) -> None:
    _write(store, "kept")
    before = _uids(store)
    store.must("scale", "sts/kv", "-n", NAMESPACE, "--replicas=0")
    for pod in PODS:
        store.must("wait", f"pod/{pod}", "-n", NAMESPACE, "--for=delete", WAIT)
    store.must("scale", "sts/kv", "-n", NAMESPACE, "--replicas=3")
    _settled(store)
    assert set(_uids(store).values()).isdisjoint(before.values())
    assert _read(store, "kv-2") == "kept\n"


def test_all_pods_deleted_at_once_the_last_still_has_it(store: Moor) -> None:
    _write(store, "again")
    before = _uids(store)
    store.must("delete", "pod", *PODS, "-n", NAMESPACE)
    asyncio.run(eventually(lambda: len(_uids(store)) == 3 and set(_uids(store).values()).isdisjoint(before.values())))
    _settled(store)
    assert _read(store, "kv-2") == "again\n"

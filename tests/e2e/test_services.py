"""What is sent to a Service arrives at its pods: from pods, from the host, by name, address and node port."""

import asyncio
import http.client
import json
import ssl

import pytest

from tests.e2e.conftest import WAIT
from tests.e2e.moor import Moor, eventually, run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SERVICES = """
apiVersion: v1
kind: Service
metadata: {name: front}
spec:
  type: NodePort
  clusterIP: 10.252.0.77
  selector: {app: myapp-pod}
  ports: [{port: 8080, targetPort: 80, nodePort: 30077}]
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec:
  clusterIP: 10.252.0.78
  selector: {app: nobody}
  ports: [{port: 80}]
"""
HELLO = "Hello MyApp | Version: v5 | "


@pytest.fixture(scope="module")
def served(real: Moor) -> Moor:
    """The article's pods behind a Service with an address."""
    real.must("apply", "-f", "-", text=SERVICES)
    asyncio.run(eventually(lambda: fetch(real, "front:8080").startswith(HELLO)))
    return real


def fetch(moor: Moor, place: str, *words: str, pod: str = "myapp-0") -> str:
    """Return what a pod gets from an address."""
    return moor.run("exec", pod, "--", "wget", "-q", "-O", "-", *words, f"http://{place}/").out


def test_both_pods_answer_each_other_and_themselves(served: Moor) -> None:
    # At random: of 40 answers each of the two pods misses all with a chance of 1 in 2^40.
    loop = "for i in $(seq 40); do wget -q -O - http://front:8080/; done | sort | uniq -c"
    lines = served.must("exec", "myapp-0", "--", "sh", "-c", loop).lines
    assert sum(int(line.split()[0]) for line in lines) == 40
    assert {line.split()[-1] for line in lines} == {"myapp-0", "myapp-1"}


@pytest.mark.parametrize("place", ["10.252.0.77:8080", "10.251.0.1:30077"], ids=["cluster address", "node port"])
def test_the_host_reaches_the_pods(served: Moor, place: str) -> None:
    done = run(["busybox", "wget", "-q", "-O", "-", f"http://{place}/"], {"PATH": "/bin:/usr/bin"})
    assert (done.code, done.out[: len(HELLO)]) == (0, HELLO), done


def test_a_service_without_pods_refuses_at_once(served: Moor) -> None:
    result = served.run("exec", "myapp-0", "--", "wget", "-q", "-O", "-", "http://10.252.0.78/")
    assert "Connection refused" in result.err


def test_a_pod_reaches_the_api_at_its_service(served: Moor) -> None:
    # The image's own program speaks too little TLS to go on from here.
    for place in ("$KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT", "kubernetes.default 443"):
        served.must("exec", "myapp-0", "--", "sh", "-c", f"nc -w 3 {place} < /dev/null")


def test_the_api_at_its_service_proves_itself_and_takes_a_pods_token(served: Moor) -> None:
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    token = served.must("exec", "myapp-0", "--", "cat", f"{account}/token").out
    authority = served.must("exec", "myapp-0", "--", "cat", f"{account}/ca.crt").out
    connection = http.client.HTTPSConnection(
        "10.252.0.1", timeout=10, context=ssl.create_default_context(cadata=authority)
    )
    connection.request("GET", "/api", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["kind"]) == (200, "APIVersions")
    connection.close()


def test_traffic_goes_on_while_a_pod_is_replaced(served: Moor) -> None:
    served.must("delete", "pod", "myapp-1")
    served.must("rollout", "status", "sts/myapp", WAIT)
    for _ in range(5):
        assert fetch(served, "front:8080").startswith(HELLO)

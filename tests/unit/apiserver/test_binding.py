"""Bindings: a pod gets its node, but not while a claim of its is going.

In: bindings to a server. Out: its answers, and the pod.
"""

from moorage.api.refs import Document
from tests.fakes.apiserver import Asker, on_server, pod

PODS = "/api/v1/namespaces/default/pods"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"


async def _bind(asker: Asker) -> Document:
    body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "x"}, "target": {"kind": "Node", "name": "n"}}
    return await asker.post(f"{PODS}/x/binding", body)


async def _claim(asker: Asker) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    await asker.post(CLAIMS, {"metadata": {"name": "data"}, "spec": spec})


async def _pod(asker: Asker) -> None:
    await asker.post(PODS, pod("x", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]))


def test_a_pod_is_bound_once() -> None:
    async def run(asker: Asker) -> None:
        await _claim(asker)
        await _pod(asker)
        assert (await _bind(asker))["code"] == 201
        assert (await asker.get(f"{PODS}/x"))["spec"]["nodeName"] == "n"
        again = await _bind(asker)
        assert (again["code"], again["reason"]) == (409, "Conflict")

    on_server(run)


def test_a_pod_whose_claim_is_going_is_not_bound() -> None:
    async def run(asker: Asker) -> None:
        await _claim(asker)
        await _pod(asker)
        await asker.delete(f"{CLAIMS}/data")  # its protection finalizer keeps it
        refused = await _bind(asker)
        assert (refused["code"], refused["reason"]) == (409, "Conflict")
        assert refused["message"].endswith(': persistentvolumeclaim "data" is being deleted')
        assert "nodeName" not in (await asker.get(f"{PODS}/x"))["spec"]

    on_server(run)


def test_a_claim_that_is_not_there_is_the_schedulers_business() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker)
        assert (await _bind(asker))["code"] == 201

    on_server(run)

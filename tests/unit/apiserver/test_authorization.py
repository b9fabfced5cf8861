"""Who may do what: anonymous, unknown users, nodes."""

import pytest

from moorage.client.ports import User
from tests.fakes.apiserver import Asker, on_server, pod

NOBODY = User("joe", ("system:authenticated",))
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
NODE = User("system:node:n1", ("system:nodes", "system:authenticated"))
PODS = "/api/v1/namespaces/default/pods"


@pytest.mark.parametrize(
    ("user", "path", "code"),
    [
        (ANONYMOUS, "/version", 200),
        (ANONYMOUS, "/healthz", 200),
        (ANONYMOUS, "/readyz", 200),
        (ANONYMOUS, "/api", 403),
        (ANONYMOUS, "/openapi/v3", 403),
        (ANONYMOUS, "/versionx", 403),
        (NOBODY, "/apis", 200),
        (NOBODY, "/metrics", 403),
        (NOBODY, "/api/v1/pods", 403),
    ],
)
def test_paths(user: User, path: str, code: int) -> None:
    async def run(asker: Asker) -> None:
        assert (await Asker(asker.core, user).answer("GET", path)).code == code

    on_server(run)


def test_refusals_use_upstreams_words() -> None:
    async def run(asker: Asker) -> None:
        joe = Asker(asker.core, NOBODY)
        listed = await joe.get(PODS)
        assert listed["message"] == (
            'pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "default"'
        )
        logs = await joe.get(f"{PODS}/p/log")
        assert logs["message"].startswith('pods "p" is forbidden: User "joe" cannot get resource "pods/log"')
        nodes = await joe.get("/api/v1/nodes")
        assert nodes["message"].endswith('cannot list resource "nodes" in API group "" at the cluster scope')
        assert (await joe.get("/metrics"))["message"] == 'forbidden: User "joe" cannot get path "/metrics"'

    on_server(run)


async def _two_nodes(asker: Asker) -> Asker:
    """Two pods on two nodes with a secret each; return node n1's own asker."""
    for node, name in (("n1", "mine"), ("n2", "theirs")):
        await asker.post("/api/v1/nodes", {"metadata": {"name": node}})
        await asker.post("/api/v1/namespaces/default/secrets", {"metadata": {"name": name}})
        volume = {"name": "s", "secret": {"secretName": name}}
        await asker.post(PODS, pod(name, nodeName=node, volumes=[volume]))
    return Asker(asker.core, NODE)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/namespaces/default/secrets/mine", True),
        ("GET", "/api/v1/namespaces/default/secrets/theirs", False),
        ("GET", "/api/v1/namespaces/default/secrets", False),
        ("GET", "/api/v1/secrets", False),
        ("GET", f"{PODS}/mine", True),
        ("GET", f"{PODS}/theirs", False),
        ("GET", "/api/v1/pods", False),
        ("GET", "/api/v1/pods?fieldSelector=spec.nodeName=n1", True),
        ("GET", "/api/v1/pods?fieldSelector=spec.nodeName=n2", False),
        ("GET", "/api/v1/pods?fieldSelector=spec.nodeName!=n2", False),
        ("GET", "/api/v1/services", True),
        ("DELETE", "/api/v1/nodes/n1", False),
        ("DELETE", f"{PODS}/theirs", False),
        ("DELETE", "/api/v1/namespaces/default/pods", False),
        ("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2", False),
        ("GET", "/apis/apps/v1/statefulsets", False),
    ],
)
def test_a_node_sees_what_its_pods_need(method: str, path: str, *, allowed: bool) -> None:
    async def run(asker: Asker) -> None:
        node = await _two_nodes(asker)
        assert ((await node.answer(method, path)).code != 403) == allowed

    on_server(run)


def test_a_node_changes_only_its_own() -> None:
    async def run(asker: Asker) -> None:
        node = await _two_nodes(asker)
        ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
        assert (await node.merge("/api/v1/nodes/n1/status", ready))["kind"] == "Node"
        assert (await node.merge("/api/v1/nodes/n2/status", ready))["code"] == 403
        taint = {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}
        assert "is not allowed to modify taints" in (await node.merge("/api/v1/nodes/n1", taint))["message"]
        label = {"metadata": {"labels": {"node-role.kubernetes.io/admin": ""}}}
        assert (await node.merge("/api/v1/nodes/n1", label))["code"] == 403
        own_label = {"metadata": {"labels": {"kubernetes.io/hostname": "n1", "mine": "x"}}}
        assert (await node.merge("/api/v1/nodes/n1", own_label))["kind"] == "Node"
        assert (await node.merge(f"{PODS}/mine/status", {"status": {"phase": "Running"}}))["kind"] == "Pod"
        assert (await node.merge(f"{PODS}/theirs/status", {"status": {"phase": "Failed"}}))["code"] == 403
        assert (await node.merge(f"{PODS}/mine", {"metadata": {"labels": {"a": "b"}}}))["code"] == 403
        assert (await node.post(PODS, pod("new", nodeName="n1")))["code"] == 403
        leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        assert (await node.post(leases, {"metadata": {"name": "n2"}}))["code"] == 403
        assert (await node.post(leases, {"metadata": {"name": "n1"}}))["kind"] == "Lease"

    on_server(run)

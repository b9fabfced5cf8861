"""The real kubectl against a cluster of made-up nodes: what people type, and what it answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import ARTICLE, STORAGE_CLASS, Moor

pytestmark = [pytest.mark.clients, pytest.mark.slow]
WAIT = "--timeout=30s"
SET = "statefulset.apps/myapp"


def settle(kubectl: Kubectl) -> None:
    """Wait until the set is rolled out."""
    kubectl.must("rollout", "status", SET, WAIT)


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A cluster with the article's application, asked by kubectl."""
    moor = Moor(tmp_path_factory.mktemp("kubectl") / "data")
    moor.up("--runtime", "sim", "--nodes", "2")
    try:
        client = Kubectl(moor)
        made = client.must("apply", "-f", "-", text=STORAGE_CLASS)
        assert made == ["storageclass.storage.k8s.io/managed-nfs-storage created"]
        assert client.must("apply", "-f", str(ARTICLE)) == ["service/demo-svc created", f"{SET} created"]
        settle(client)
        yield client
    finally:
        moor.purge()


def test_apply_again_changes_nothing(kubectl: Kubectl) -> None:
    settle(kubectl)
    before = kubectl.get(SET)["metadata"]
    # kubectl's own: the list of claim templates is atomic and defaulted by the server, so its patch is never empty.
    assert kubectl.must("apply", "-f", str(ARTICLE)) == ["service/demo-svc unchanged", f"{SET} configured"]
    after = kubectl.get(SET)["metadata"]
    assert (after["resourceVersion"], after["generation"]) == (before["resourceVersion"], before["generation"])
    same = kubectl.run("diff", "-f", str(ARTICLE))
    assert (same.code, same.out) == (0, "")


def test_get_in_its_formats(kubectl: Kubectl) -> None:
    settle(kubectl)
    table = [line.split() for line in kubectl.must("get", "pods", "-o", "wide")]
    assert table[0] == [
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED",
        "NODE",
        "READINESS",
        "GATES",
    ]
    assert table[1][:4] == ["myapp-0", "1/1", "Running", "0"]
    heads = kubectl.must("get", "sts", "-o", "wide")[0].split()
    assert heads == ["NAME", "READY", "AGE", "CONTAINERS", "IMAGES"]
    yaml = kubectl.must("get", SET, "-o", "yaml")
    assert yaml[:2] == ["apiVersion: apps/v1", "kind: StatefulSet"]
    assert kubectl.get(SET)["spec"]["serviceName"] == "myapp-svc"
    path = "jsonpath={.items[*].metadata.name}"
    assert kubectl.must("get", "pvc", "-l", "app=myapp-pod", "-o", path) == ["myappdata-myapp-0 myappdata-myapp-1"]


def test_describe_shows_claims_and_events(kubectl: Kubectl) -> None:
    text = "\n".join(kubectl.must("describe", "sts", "myapp"))
    assert "StorageClass:  managed-nfs-storage" in text
    assert "create Claim myappdata-myapp-0 Pod myapp-0 in StatefulSet myapp success" in text
    assert "ClaimName:  myappdata-myapp-1" in "\n".join(kubectl.must("describe", "pod", "myapp-1"))


def test_scale_up_and_down(kubectl: Kubectl) -> None:
    assert kubectl.must("scale", "sts", "myapp", "--replicas=3") == [f"{SET} scaled"]
    settle(kubectl)
    assert kubectl.get(SET)["status"]["readyReplicas"] == 3
    kubectl.must("scale", "sts", "myapp", "--replicas=2")
    kubectl.must("wait", "pod/myapp-2", "--for=delete", WAIT)
    assert kubectl.must("get", "pods", "-o", "name") == ["pod/myapp-0", "pod/myapp-1"]


def test_rollout_of_a_new_image_and_back(kubectl: Kubectl) -> None:
    revision = kubectl.get(SET)["status"]["updateRevision"]
    assert kubectl.must("set", "image", SET, "myapp=ikubernetes/myapp:v6") == [f"{SET} image updated"]
    settle(kubectl)
    assert {image(pod) for pod in kubectl.get("pods")["items"]} == {"ikubernetes/myapp:v6"}
    assert kubectl.must("rollout", "history", SET)[1].split() == ["REVISION", "CHANGE-CAUSE"]
    assert "ikubernetes/myapp:v6" in "\n".join(kubectl.must("rollout", "history", SET, "--revision=2"))
    assert kubectl.must("rollout", "undo", SET) == [f"{SET} rolled back"]
    settle(kubectl)
    assert {image(pod) for pod in kubectl.get("pods")["items"]} == {"ikubernetes/myapp:v5"}
    assert kubectl.get(SET)["status"]["currentRevision"] == revision


def test_rollout_restart_replaces_every_pod(kubectl: Kubectl) -> None:
    before = {pod["metadata"]["uid"] for pod in kubectl.get("pods")["items"]}
    assert kubectl.must("rollout", "restart", SET) == [f"{SET} restarted"]
    settle(kubectl)
    after = {pod["metadata"]["uid"] for pod in kubectl.get("pods")["items"]}
    assert (len(after), after & before) == (len(before), set())


def image(pod: dict[str, Any]) -> str:
    """Return the image of a pod's one container."""
    return str(pod["spec"]["containers"][0]["image"])


def test_label_annotate_and_patch(kubectl: Kubectl) -> None:
    assert kubectl.must("label", SET, "tier=data") == [f"{SET} labeled"]
    refused = kubectl.run("label", SET, "tier=other")
    assert (refused.code, "--overwrite is false" in refused.err) == (1, True)
    assert kubectl.must("get", "sts", "-l", "tier=data", "-o", "name") == [SET]
    assert kubectl.must("annotate", SET, "note=kept") == [f"{SET} annotated"]
    assert kubectl.must("label", SET, "tier-") == [f"{SET} unlabeled"]
    for kind, patch in (
        ("strategic", '{"metadata": {"annotations": {"note": "strategic"}}}'),
        ("merge", '{"metadata": {"annotations": {"note": "merge"}}}'),
        ("json", '[{"op": "replace", "path": "/metadata/annotations/note", "value": "json"}]'),
    ):
        assert kubectl.must("patch", SET, "--type", kind, "-p", patch) == [f"{SET} patched"]
        assert kubectl.get(SET)["metadata"]["annotations"]["note"] == kind


def test_a_forbidden_change_is_refused_word_for_word(kubectl: Kubectl) -> None:
    refused = kubectl.run("patch", SET, "-p", '{"spec": {"serviceName": "other"}}')
    assert refused.code == 1
    assert 'The StatefulSet "myapp" is invalid: spec: Forbidden: updates to statefulset spec for fields' in refused.err


def test_server_side_apply_owns_conflicts_and_forces(kubectl: Kubectl) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {k: %s}\n"
    apply = ("apply", "--server-side", "-f", "-", "--field-manager")
    assert kubectl.must(*apply, "one", text=config % "v") == ["configmap/owned serverside-applied"]
    refused = kubectl.run(*apply, "two", text=config % "w")
    assert refused.code == 1
    assert 'conflict with "one": .data.k' in refused.err
    assert kubectl.must(*apply, "two", "--force-conflicts", text=config % "w") == ["configmap/owned serverside-applied"]
    entries = json.loads("\n".join(kubectl.must("get", "cm", "owned", "-o", "json", "--show-managed-fields")))
    assert [one["manager"] for one in entries["metadata"]["managedFields"]] == ["two"]
    kubectl.must("delete", "configmap", "owned")


def test_explain_and_api_resources(kubectl: Kubectl) -> None:
    told = kubectl.must("explain", "statefulset.spec.serviceName")
    assert told[:3] == ["GROUP:      apps", "KIND:       StatefulSet", "VERSION:    v1"]
    assert "FIELD: serviceName <string>" in told
    rows = [line.split() for line in kubectl.must("api-resources", "--no-headers")]
    assert ["statefulsets", "sts", "apps/v1", "true", "StatefulSet"] in rows
    assert ["storageclasses", "sc", "storage.k8s.io/v1", "false", "StorageClass"] in rows


def test_wait_for_a_condition_and_in_vain(kubectl: Kubectl) -> None:
    settle(kubectl)
    assert kubectl.must("wait", "pod/myapp-0", "--for=condition=Ready", WAIT) == ["pod/myapp-0 condition met"]
    vain = kubectl.run("wait", "pod/myapp-0", "--for=condition=Nonsense", "--timeout=1s")
    assert (vain.code, vain.err) == (1, "error: timed out waiting for the condition on pods/myapp-0\n")


def test_delete_removes_pods_and_keeps_claims(kubectl: Kubectl) -> None:
    name = "other"
    document = kubectl.get(SET)
    document["metadata"] = {"name": name}
    document.pop("status")
    kubectl.must("create", "-f", "-", text=json.dumps(swap(document, name)))
    kubectl.must("rollout", "status", f"sts/{name}", WAIT)
    assert kubectl.must("delete", "sts", name) == [f'statefulset.apps "{name}" deleted']
    for index in range(2):
        kubectl.must("wait", f"pod/{name}-{index}", "--for=delete", WAIT)
    assert kubectl.get("pods", "-l", f"app={name}")["items"] == []
    assert len(kubectl.get("pvc", "-l", f"app={name}")["items"]) == 2
    absent = kubectl.run("get", "sts", name)
    assert (absent.code, absent.err) == (1, f'Error from server (NotFound): statefulsets.apps "{name}" not found\n')


def swap(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the set with labels of its own."""
    text = json.dumps(document).replace("myapp-pod", name)
    swapped: dict[str, Any] = json.loads(text)
    return swapped


def test_an_account_may_what_it_was_given(kubectl: Kubectl) -> None:
    account = "--as=system:serviceaccount:default:robot"
    kubectl.must("create", "serviceaccount", "robot")
    denied = kubectl.run("get", "pods", account)
    assert (denied.code, denied.err) == (
        1,
        (
            'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:default:robot" cannot list '
            'resource "pods" in API group "" in the namespace "default"\n'
        ),
    )
    kubectl.must("create", "rolebinding", "robot-views", "--clusterrole=view", "--serviceaccount=default:robot")
    assert kubectl.must("auth", "can-i", "list", "pods", account) == ["yes"]
    assert kubectl.run("auth", "can-i", "delete", "pods", account).out == "no\n"
    kubectl.must("get", "statefulsets", account)
    rows = [line.split() for line in kubectl.must("get", "rolebindings", "-o", "wide", "--no-headers")]
    assert [row[1] for row in rows] == ["ClusterRole/view"]
    assert rows[0][-1] == "default/robot"

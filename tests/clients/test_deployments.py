"""Deployments on a cluster of made-up nodes, with the real kubectl and with moor: roll out, go back, pause, scale, give up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.test_kubectl import WAIT, Kubectl
from tests.e2e.moor import Moor

pytestmark = [pytest.mark.clients, pytest.mark.slow]
APP = "deployment.apps/app"
PAGE = Path(__file__).parents[2] / "docs" / "workloads.md"
LABELS = {"app": "app"}
MANIFEST: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "app", "annotations": {"kubernetes.io/change-cause": "first"}},
    "spec": {
        "replicas": 4,
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "app:1"}]}},
    },
}


@pytest.fixture(scope="module")
def moor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """A cluster of two nodes."""
    cluster = Moor(tmp_path_factory.mktemp("deployments") / "data")
    cluster.up("--runtime", "sim", "--nodes", "2")
    yield cluster
    cluster.purge()


@pytest.fixture
def kubectl(moor: Moor) -> Iterator[Kubectl]:
    """Kubectl, with a fresh Deployment `app` rolled out."""
    client = Kubectl(moor)
    assert client.must("apply", "-f", "-", text=json.dumps(MANIFEST)) == [f"{APP} created"]
    client.must("rollout", "status", APP, WAIT)
    yield client
    client.must("delete", APP, "--cascade=foreground", WAIT)


def images(kubectl: Kubectl) -> dict[str, int]:
    """Return how many pods want to run each image."""
    found = [one["spec"]["containers"][0]["image"] for one in kubectl.get("pods", "-l", "app=app")["items"]]
    return {image: found.count(image) for image in found}


def revisions(kubectl: Kubectl) -> list[list[str]]:
    """Return the rows of the history."""
    rows = kubectl.must("rollout", "history", APP)
    assert rows[1].split() == ["REVISION", "CHANGE-CAUSE"]
    return [row.split() for row in rows[2:] if row]


def test_rows_of_get_and_what_owns_what(kubectl: Kubectl) -> None:
    row = kubectl.must("get", APP, "--no-headers")[0].split()
    assert row[:4] == ["app", "4/4", "4", "4"]
    (owned,) = kubectl.get("rs")["items"]
    assert owned["metadata"]["ownerReferences"][0]["name"] == "app"
    mark = owned["metadata"]["labels"]["pod-template-hash"]
    assert owned["metadata"]["name"] == f"app-{mark}"
    pods = kubectl.get("pods", "-l", f"pod-template-hash={mark}")["items"]
    assert len(pods) == 4
    assert all(pod["metadata"]["name"].startswith(f"app-{mark}-") for pod in pods)


def test_a_new_image_and_back(kubectl: Kubectl, moor: Moor) -> None:
    kubectl.must("set", "image", APP, "c=app:2")
    moor.must("rollout", "status", "deploy/app", WAIT)
    assert images(kubectl) == {"app:2": 4}
    assert revisions(kubectl) == [["1", "first"], ["2", "first"]]
    assert moor.must("rollout", "undo", "deploy/app").lines == [f"{APP} rolled back"]
    kubectl.must("rollout", "status", APP, WAIT)
    assert images(kubectl) == {"app:1": 4}
    assert [row[0] for row in revisions(kubectl)] == ["2", "3"]
    kubectl.must("rollout", "undo", APP, "--to-revision=2")
    kubectl.must("rollout", "status", APP, WAIT)
    assert images(kubectl) == {"app:2": 4}
    assert len(kubectl.get("rs")["items"]) == 2
    same = kubectl.must("rollout", "undo", APP, "--to-revision=4")
    assert same == [f"{APP} skipped rollback (current template already matches revision 4)"]


def test_pausing_collects_changes(kubectl: Kubectl, moor: Moor) -> None:
    assert moor.must("rollout", "pause", "deploy/app").lines == [f"{APP} paused"]
    kubectl.must("set", "image", APP, "c=app:2")
    kubectl.must("set", "env", APP, "COLOUR=blue")
    kubectl.must("scale", APP, "--replicas=5")
    kubectl.must("wait", APP, "--for=jsonpath={.status.availableReplicas}=5", WAIT)
    assert images(kubectl) == {"app:1": 5}
    refused = kubectl.run("rollout", "undo", APP, "--to-revision=1")
    assert (refused.code, "you cannot rollback a paused deployment" in refused.err) == (1, True)
    assert kubectl.must("rollout", "resume", APP) == [f"{APP} resumed"]
    kubectl.must("rollout", "status", APP, WAIT)
    assert images(kubectl) == {"app:2": 5}
    assert [row[0] for row in revisions(kubectl)] == ["1", "2"]


def test_restart_replaces_every_pod(kubectl: Kubectl) -> None:
    before = {pod["metadata"]["uid"] for pod in kubectl.get("pods", "-l", "app=app")["items"]}
    assert kubectl.must("rollout", "restart", APP) == [f"{APP} restarted"]
    kubectl.must("rollout", "status", APP, WAIT)
    after = {pod["metadata"]["uid"] for pod in kubectl.get("pods", "-l", "app=app")["items"]}
    assert (len(after), after & before) == (4, set())


def test_recreate_takes_all_old_pods_away_first(kubectl: Kubectl) -> None:
    kubectl.must("patch", APP, "-p", '{"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}}')
    kubectl.must("set", "image", APP, "c=app:2")
    kubectl.must("rollout", "status", APP, WAIT)
    assert images(kubectl) == {"app:2": 4}
    about = f"reason=ScalingReplicaSet,involvedObject.uid={kubectl.get(APP)['metadata']['uid']}"
    told = sorted(kubectl.get("events", "--field-selector", about)["items"], key=lambda one: one["metadata"]["name"])
    ends = [(one["message"].split()[1], one["message"].partition(" from ")[2]) for one in told]
    assert ends == [("up", "0 to 4"), ("down", "4 to 0"), ("up", "0 to 4")]


def test_a_rollout_that_gets_nowhere_is_given_up(kubectl: Kubectl, moor: Moor) -> None:
    never = {"readinessGates": [{"conditionType": "example.com/never"}]}
    patch = {"spec": {"progressDeadlineSeconds": 1, "template": {"spec": never}}}
    kubectl.must("patch", APP, "-p", json.dumps(patch))
    kubectl.must("wait", APP, "--for=condition=Progressing=False", WAIT)
    for client in (kubectl, moor):
        given_up = client.run("rollout", "status", "deployment/app", WAIT)
        assert (given_up.code, given_up.err) == (1, 'error: deployment "app" exceeded its progress deadline\n')
    kubectl.must("wait", APP, "--for=jsonpath={.status.availableReplicas}=3", WAIT)
    kubectl.must("patch", APP, "-p", '{"spec": {"progressDeadlineSeconds": 600}}')
    kubectl.must("rollout", "undo", APP)
    kubectl.must("rollout", "status", APP, WAIT)


def test_the_history_is_limited(kubectl: Kubectl) -> None:
    (first,) = kubectl.get("rs")["items"]
    kubectl.must("patch", APP, "-p", '{"spec": {"revisionHistoryLimit": 1}}')
    for image in ("app:2", "app:3"):
        kubectl.must("set", "image", APP, f"c={image}")
        kubectl.must("rollout", "status", APP, WAIT)
    kubectl.must("wait", f"rs/{first['metadata']['name']}", "--for=delete", WAIT)
    assert [row[0] for row in revisions(kubectl)] == ["2", "3"]


def test_a_replica_set_of_its_own(kubectl: Kubectl) -> None:
    labels = {"app": "lone"}
    spec = {**MANIFEST["spec"], "selector": {"matchLabels": labels}}
    spec["template"] = {**spec["template"], "metadata": {"labels": labels}}
    lone = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "lone"}, "spec": spec}
    kubectl.must("create", "-f", "-", text=json.dumps(lone))
    kubectl.must("wait", "rs/lone", "--for=jsonpath={.status.readyReplicas}=4", WAIT)
    kubectl.must("scale", "rs/lone", "--replicas=2")
    kubectl.must("wait", "rs/lone", "--for=jsonpath={.status.replicas}=2", WAIT)
    kubectl.must("delete", "rs/lone", "--cascade=orphan")
    orphans = kubectl.get("pods", "-l", "app=lone", "--field-selector=status.phase=Running")["items"]
    assert [pod["metadata"].get("ownerReferences") for pod in orphans if not is_going(pod)] == [None, None]
    kubectl.must("create", "-f", "-", text=json.dumps({**lone, "spec": {**spec, "replicas": 2}}))
    kubectl.must("wait", "rs/lone", "--for=jsonpath={.status.readyReplicas}=2", WAIT)
    adopted = {pod["metadata"]["uid"] for pod in kubectl.get("pods", "-l", "app=lone")["items"] if not is_going(pod)}
    assert adopted == {pod["metadata"]["uid"] for pod in orphans if not is_going(pod)}
    kubectl.must("delete", "rs/lone")


def test_a_deployment_made_anew_takes_its_pods_back(kubectl: Kubectl) -> None:
    def uids() -> set[str]:
        return {pod["metadata"]["uid"] for pod in kubectl.get("pods", "-l", "app=app")["items"]}

    before = uids()
    kubectl.must("delete", APP, "--cascade=orphan")
    (orphan,) = kubectl.get("rs")["items"]
    assert "ownerReferences" not in orphan["metadata"]
    kubectl.must("create", "-f", "-", text=json.dumps(MANIFEST))
    kubectl.must("rollout", "status", APP, WAIT)
    assert uids() == before


def test_names_are_those_of_every_other_cluster(kubectl: Kubectl) -> None:
    kubectl.must("create", "deployment", "nginx", "--image=nginx")
    kubectl.must("wait", "rs/nginx-5869d7778c", "--for=create", WAIT)
    kubectl.must("delete", "deploy/nginx", "--cascade=foreground", WAIT)


def test_the_commands_of_the_page_work(kubectl: Kubectl, moor: Moor) -> None:
    lines = [line.split() for line in PAGE.read_text().splitlines() if line.startswith(("    kubectl ", "    moor "))]
    assert len(lines) > 10
    for program, *words in lines:
        done = kubectl.run(*words) if program == "kubectl" else moor.run(*words)
        assert done.code == 0, f"{program} {' '.join(words)}: {done}"
    kubectl.must("delete", "deploy/shop", "--cascade=foreground", WAIT)


def is_going(pod: dict[str, Any]) -> bool:
    """Return whether a pod is being deleted."""
    return "deletionTimestamp" in pod["metadata"]

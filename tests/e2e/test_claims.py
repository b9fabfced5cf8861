"""Claims follow the claim templates of their set: grown, labelled, added; told by real commands on made-up and real nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import WAIT
from tests.e2e.kubectl import Kubectl
from tests.e2e.moor import ARTICLE, STORAGE_CLASS, Moor, with_set

pytestmark = pytest.mark.slow
UP_TO_DATE = "--for=condition=moorage.dev/ClaimsUpToDate"
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
  annotations: {moorage.dev/update-claims: "true"}
spec:
  replicas: 3
  serviceName: web
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: c
        image: app:1
        volumeMounts:
        - {name: data, mountPath: /data}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
"""
LOGS_MOUNT = "        - {name: logs, mountPath: /logs}\n  volumeClaimTemplates:"
LOGS = """
  - metadata: {name: logs}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
"""
WITH_LOGS = SET.replace("  volumeClaimTemplates:", LOGS_MOUNT).rstrip() + LOGS
FORBIDDEN = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template'"


@pytest.fixture
def moor(tmp_path: Path) -> Iterator[Moor]:
    """Two made-up nodes with a set of three pods that are ready."""
    yield from with_set(tmp_path / "data", SET, WAIT, "--nodes", "2")


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Moor]:
    """The same with nothing beyond Kubernetes."""
    yield from with_set(tmp_path / "data", SET, WAIT, "--nodes", "2", "--strict")


def sizes(moor: Moor) -> dict[str, str]:
    """Return the capacity of each claim, by name; its volume has the same."""
    volumes = {one["metadata"]["name"]: one["spec"]["capacity"]["storage"] for one in moor.objects("pv")}
    found = {one["metadata"]["name"]: one for one in moor.objects("pvc")}
    for claim in found.values():
        assert claim["status"]["capacity"]["storage"] == volumes[claim["spec"]["volumeName"]]
    return {name: str(claim["status"]["capacity"]["storage"]) for name, claim in found.items()}


def uids(moor: Moor) -> dict[str, str]:
    """Return the uid of each pod, by name."""
    return {one["metadata"]["name"]: one["metadata"]["uid"] for one in moor.objects("pods")}


def test_apply_grows_every_claim_and_restarts_nothing(moor: Moor) -> None:
    before = uids(moor)
    moor.must("scale", "sts/web", "--replicas=2")
    moor.must("wait", "pod/web-2", "--for=delete", WAIT)
    grown = SET.replace("1Gi", "5Gi").replace("replicas: 3", "replicas: 2").replace("{name: data}\n    spec", LABELLED)
    assert moor.must("apply", "-f", "-", text=grown).lines == ["statefulset.apps/web configured"]
    moor.must("wait", "sts/web", UP_TO_DATE, WAIT)
    assert sizes(moor) == {f"data-web-{index}": "5Gi" for index in range(3)}
    assert {one["metadata"]["labels"]["tier"] for one in moor.objects("pvc")} == {"gold"}
    assert uids(moor) == {name: before[name] for name in ("web-0", "web-1")}
    (told,) = moor.objects("sts")[0]["status"]["conditions"]
    assert (told["reason"], told["message"]) == ("UpToDate", "3 of 3 claims are as their templates ask")
    assert "Resize volume succeeded" in {one["message"] for one in moor.objects("events")}


LABELLED = "{name: data, labels: {tier: gold}}\n    spec"


def test_kubectl_adds_a_template_and_the_rollout_brings_its_claims(moor: Moor) -> None:
    kubectl, before = Kubectl(moor), uids(moor)
    unmounted = kubectl.run("apply", "-f", "-", text=SET.rstrip() + LOGS)
    assert unmounted.code == 1
    assert "spec.volumeClaimTemplates[1]: Forbidden: no container mounts logs" in unmounted.err
    assert kubectl.must("apply", "-f", "-", text=WITH_LOGS) == ["statefulset.apps/web configured"]
    kubectl.must("rollout", "status", "sts/web", WAIT)
    assert sorted(sizes(moor)) == [f"{name}-web-{index}" for name in ("data", "logs") for index in range(3)]
    assert not set(uids(moor).values()) & set(before.values())
    deleted = [one for one in moor.objects("events") if one["reason"] == "SuccessfulDelete"]
    deleted.sort(key=lambda one: int(one["metadata"]["resourceVersion"]))
    assert [one["message"].split()[2] for one in deleted] == ["web-2", "web-1", "web-0"]


def test_kubectl_is_told_what_cannot_be(moor: Moor) -> None:
    kubectl = Kubectl(moor)
    smaller = kubectl.run("apply", "-f", "-", text=SET.replace("1Gi", "1Mi"))
    assert (smaller.code, "volumes do not shrink, and claim" in smaller.err) == (1, True)
    moved = kubectl.run(
        "apply", "-f", "-", text=SET.replace("[ReadWriteOnce]", "[ReadWriteOnce]\n      storageClassName: x")
    )
    assert (moved.code, "claims keep their StorageClass: add a claim template" in moved.err) == (1, True)
    kubectl.must("patch", "storageclass", "local", "-p", '{"allowVolumeExpansion":false}')
    fixed = kubectl.run("apply", "-f", "-", text=SET.replace("1Gi", "2Gi"))
    assert fixed.code == 1
    assert 'claim "data-web-0" cannot grow: its StorageClass "local" does not allow volume expansion' in fixed.err
    kubectl.must("annotate", "sts", "web", "moorage.dev/update-claims-")
    plain = SET.replace('  annotations: {moorage.dev/update-claims: "true"}\n', "").replace("1Gi", "2Gi")
    refused = kubectl.run("apply", "-f", "-", text=plain)
    assert (refused.code, FORBIDDEN in refused.err) == (1, True)
    assert 'once it has the annotation moorage.dev/update-claims: "true"' in refused.err


def test_a_failed_growth_is_told_by_why_and_withdrawn(moor: Moor) -> None:
    (volume,) = [one for one in moor.objects("pv") if one["spec"]["claimRef"]["name"] == "data-web-1"]
    folder = Path(volume["spec"]["local"]["path"])
    hidden = folder.rename(folder.with_name("hidden"))
    moor.must("apply", "-f", "-", text=SET.replace("1Gi", "5Gi"))
    moor.must("wait", "pvc/data-web-1", "--for=condition=ControllerResizeError", WAIT)
    told = moor.run("why", "sts/web").out
    assert "ClaimGrowthFailed" in told
    assert "its data is lost" in told
    moor.must("apply", "-f", "-", text=SET.replace("1Gi", "1500Mi"))
    hidden.rename(folder)
    moor.must("wait", "sts/web", UP_TO_DATE, WAIT)
    assert sizes(moor) == {"data-web-0": "5Gi", "data-web-1": "1500Mi", "data-web-2": "5Gi"}


def test_strict_refuses_as_kubernetes_does(strict: Moor) -> None:
    kubectl = Kubectl(strict)
    refused = kubectl.run("apply", "-f", "-", text=SET.replace("1Gi", "5Gi"))
    assert refused.code == 1
    assert FORBIDDEN in refused.err
    assert "Warning" not in refused.err.replace('Warning: StatefulSet "web" names', "")
    assert set(sizes(strict).values()) == {"1Gi"}


@pytest.mark.e2e
def test_real_volumes_grow_under_running_containers_and_added_ones_are_mounted(real: Moor) -> None:
    article = ARTICLE.read_text().replace(
        "  name: myapp\nspec:", '  name: myapp\n  annotations: {moorage.dev/update-claims: "true"}\nspec:'
    )
    real.must("apply", "-f", "-", text=STORAGE_CLASS.rstrip() + "\nallowVolumeExpansion: true\n")
    real.must("exec", "myapp-1", "--", "sh", "-c", "echo mine > /usr/share/nginx/html/kept")
    before = uids(real)
    real.must("apply", "-f", "-", text=article.replace("2Gi", "3Gi"))
    real.must("wait", "sts/myapp", UP_TO_DATE, WAIT)
    assert sizes(real) == {"myappdata-myapp-0": "3Gi", "myappdata-myapp-1": "3Gi"}
    assert uids(real) == before
    logs = LOGS.replace("accessModes", "storageClassName: managed-nfs-storage\n      accessModes")
    mounted = article.replace("2Gi", "3Gi").replace("  volumeClaimTemplates:", LOGS_MOUNT)
    real.must("apply", "-f", "-", text=mounted.rstrip() + logs)
    real.must("rollout", "status", "sts/myapp", WAIT)
    for pod in ("myapp-0", "myapp-1"):
        real.must("exec", pod, "--", "sh", "-c", f"echo {pod} > /logs/name")
    (volume,) = [one for one in real.objects("pv") if one["spec"]["claimRef"]["name"] == "logs-myapp-1"]
    assert (Path(volume["spec"]["local"]["path"]) / "name").read_text() == "myapp-1\n"
    assert real.must("exec", "myapp-1", "--", "cat", "/usr/share/nginx/html/kept").out == "mine\n"

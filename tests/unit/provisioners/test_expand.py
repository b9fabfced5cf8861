"""A claim that asks for more than it has gets it from the provisioner that made its volume, and its status tells the story."""

import asyncio
import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.views.storage import PersistentVolume, PersistentVolumeClaim
from moorage.client.api import Api
from moorage.client.transports.inprocess import InProcess
from moorage.provisioners import expand
from moorage.provisioners.backends.local import PROVISIONER, LocalBackend
from moorage.provisioners.expand import Growth
from moorage.provisioners.ports import ProvisioningFailed
from moorage.provisioners.resizer import Resizer
from tests.fakes.apiserver import ADMIN, Asker, on_server
from tests.fakes.clock import START, ManualClock

BACKEND = LocalBackend(Path("/volumes"), ("node-0",))
CLAIMS, VOLUMES = "/api/v1/namespaces/default/persistentvolumeclaims", "/api/v1/persistentvolumes"
LATER = START + datetime.timedelta(hours=1)


def claim(request: str = "2Gi", capacity: str = "1Gi", phase: str = "Bound") -> PersistentVolumeClaim:
    document = {
        "metadata": {"name": "data-web-0", "namespace": "default", "uid": "u1"},
        "spec": {"volumeName": "pvc-u1", "resources": {"requests": {"storage": request}}},
        "status": {"phase": phase, "capacity": {"storage": capacity}},
    }
    return msgspec.convert(document, PersistentVolumeClaim)


def volume(capacity: str = "1Gi", uid: str = "u1", by: str = PROVISIONER) -> PersistentVolume:
    document = {
        "metadata": {"name": "pvc-u1", "annotations": {"pv.kubernetes.io/provisioned-by": by}},
        "spec": {"capacity": {"storage": capacity}, "claimRef": {"name": "data-web-0", "uid": uid}},
    }
    return msgspec.convert(document, PersistentVolume)


def growth(asked: PersistentVolumeClaim, given: PersistentVolume) -> str:
    due = expand.growth(asked, given, BACKEND)
    return due.text if due else ""


@pytest.mark.parametrize(
    ("asked", "given", "size"),
    [
        (claim(), volume(), "2Gi"),
        (claim("1Gi"), volume(), ""),
        (claim("1024Mi"), volume(), ""),
        (claim(phase="Pending"), volume(), ""),
        (claim(), volume(uid="another"), ""),
        (claim(), volume(by="csi.example"), ""),
        # a crash after the volume has grown: the claim learns of it, even if less is asked for by now
        (claim("2Gi"), volume("2Gi"), "2Gi"),
        (claim("2Gi"), volume("3Gi"), "3Gi"),
    ],
)
def test_what_a_claim_is_owed(asked: PersistentVolumeClaim, given: PersistentVolume, size: str) -> None:
    assert growth(asked, given) == size


def test_a_retry_keeps_what_the_claim_says_and_another_size_starts_anew() -> None:
    due = expand.growth(claim(), volume(), BACKEND)
    assert isinstance(due, Growth)
    status = expand.in_progress({}, due, START)
    assert status is not None
    assert expand.in_progress({"status": status}, due, LATER) is None
    broken = expand.failed({"status": status}, "disk full", LATER)
    assert broken is not None
    told = {"status": {**status, **broken}}
    assert [one["type"] for one in told["status"]["conditions"]] == ["Resizing", "ControllerResizeError"]
    assert expand.failed(told, "disk full", LATER) is None
    assert expand.in_progress(told, due, LATER) is None
    less = expand.growth(claim("1500Mi"), volume(), BACKEND)
    assert less is not None
    anew = expand.in_progress(told, less, LATER)
    assert anew is not None
    assert [one["type"] for one in anew["conditions"]] == ["Resizing"]


def test_conditions_of_others_stay() -> None:
    unused = {"type": "Unused", "status": "True"}
    due = Growth("pvc-u1", expand.quantity.parse("2Gi"))
    document = {"status": {"conditions": [unused, {"type": "Resizing", "status": "True"}]}}
    assert expand.finished(document, due)["conditions"] == [unused]


async def _bound(asker: Asker, root: Path) -> None:
    """Make a bound claim of 1 GiB with a volume, in a class that may grow, and ask for 2 GiB."""
    grows: Document = {"metadata": {"name": "local"}, "provisioner": PROVISIONER, "allowVolumeExpansion": True}
    await asker.post("/apis/storage.k8s.io/v1/storageclasses", grows)
    size = {"resources": {"requests": {"storage": "1Gi"}}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "local", "volumeName": "pv", **size}
    made = await asker.post(CLAIMS, {"metadata": {"name": "data-web-0"}, "spec": spec})
    owner = {"namespace": "default", "name": "data-web-0", "uid": made["metadata"]["uid"]}
    source = {"local": {"path": str(root / "pv")}, "nodeAffinity": _anywhere(), "storageClassName": "local"}
    marks = {"pv.kubernetes.io/provisioned-by": PROVISIONER}
    body: dict[str, Any] = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "claimRef": owner,
        **source,
    }
    await asker.post(VOLUMES, {"metadata": {"name": "pv", "annotations": marks}, "spec": body})
    status = {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    await asker.merge(f"{CLAIMS}/data-web-0/status", {"status": status})
    grown = await asker.merge(f"{CLAIMS}/data-web-0", {"spec": {"resources": {"requests": {"storage": "2Gi"}}}})
    assert grown["kind"] == "PersistentVolumeClaim", grown


def _anywhere() -> Document:
    requirement = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-0"]}
    return {"required": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}}


def _resizer(asker: Asker, root: Path) -> Resizer:
    return Resizer(LocalBackend(root, ("node-0",)), Api(InProcess(asker.core, ADMIN), "test"), ManualClock())


async def _events(asker: Asker) -> list[tuple[str, str, str]]:
    found = (await asker.get("/api/v1/namespaces/default/events"))["items"]
    return [(one["reason"], one["message"], one["source"]["component"]) for one in found]


def test_a_claim_grows_to_the_end(tmp_path: Path) -> None:
    async def run(asker: Asker) -> None:
        await _bound(asker, tmp_path)
        (tmp_path / "pv").mkdir()
        resizer = _resizer(asker, tmp_path)
        await resizer.sync(ObjectKey("default", "data-web-0"))
        await resizer.sync(ObjectKey("default", "data-web-0"))
        await resizer.recorder.flush()
        status = (await asker.get(f"{CLAIMS}/data-web-0"))["status"]
        assert status == {
            "phase": "Bound",
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "2Gi"},
            "allocatedResources": {"storage": "2Gi"},
        }
        assert (await asker.get(f"{VOLUMES}/pv"))["spec"]["capacity"] == {"storage": "2Gi"}
        by = f"external-resizer {PROVISIONER}"
        assert sorted(await _events(asker)) == [
            ("Resizing", "External resizer is resizing volume pv", by),
            ("VolumeResizeSuccessful", "Resize volume succeeded", by),
        ]

    on_server(run)


def test_a_failure_is_told_and_the_volume_keeps_its_size(tmp_path: Path) -> None:
    async def run(asker: Asker) -> None:
        await _bound(asker, tmp_path)
        resizer = _resizer(asker, tmp_path)
        with pytest.raises(ProvisioningFailed, match="its data is lost"):
            await resizer.sync(ObjectKey("default", "data-web-0"))
        await resizer.recorder.flush()
        status = (await asker.get(f"{CLAIMS}/data-web-0"))["status"]
        assert (status["capacity"], status["allocatedResources"]) == ({"storage": "1Gi"}, {"storage": "2Gi"})
        assert status["allocatedResourceStatuses"] == {"storage": "ControllerResizeInProgress"}
        problem = f"volume pv has no directory {tmp_path / 'pv'}: its data is lost"
        messages = {one["type"]: one.get("message", "") for one in status["conditions"]}
        assert messages == {"Resizing": "", "ControllerResizeError": f"failed to expand pvc with {problem}"}
        assert (await asker.get(f"{VOLUMES}/pv"))["spec"]["capacity"] == {"storage": "1Gi"}
        text = f'resize volume "pv" by resizer "{PROVISIONER}" failed: {problem}'
        assert [one[:2] for one in await _events(asker) if one[0] == "VolumeResizeFailed"] == [
            ("VolumeResizeFailed", text)
        ]

    on_server(run)


def test_the_local_backend_grows_only_what_lies_in_its_root(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, ("node-0",))
    with pytest.raises(ProvisioningFailed, match="does not lie in"):
        asyncio.run(backend.grow("pv", {"local": {"path": "/etc"}}, 1))

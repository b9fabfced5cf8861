"""The volumes of a pod on this machine."""

import asyncio
import base64
import socket
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moorage.base.errors import RuntimeFailure
from moorage.base.system import SystemIds
from moorage.client.api import Api
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.volumes.disk import DiskVolumes
from moorage.nodeagent.volumes.mounts import NoMounts
from moorage.nodeagent.volumes.ports import VolumeFailure
from tests.fakes.clock import ManualClock
from tests.fakes.server import FakeServer
from tests.unit.nodeagent.kit import SETTINGS, pod

NAMESPACE = "/api/v1/namespaces/default"


class Node:
    """Volumes over a fake API, in a directory of the test."""

    def __init__(self, folder: Path) -> None:
        self.settings: AgentSettings = replace(
            SETTINGS, data_dir=folder / "data", forbidden=(str(folder / "data"),), volumes_dir=str(folder / "data/pv")
        )
        self.server = FakeServer()
        cluster = Cluster(Api(self.server))
        self.volumes = DiskVolumes(self.settings, cluster, NoMounts(), ManualClock(), SystemIds())

    async def config(self, name: str, **data: str) -> None:
        await self.server.put(
            f"{NAMESPACE}/configmaps/{name}", {"kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        )

    async def claim(self, path: Path) -> None:
        status, spec = {"phase": "Bound"}, {"volumeName": "pv"}
        metadata = {"name": "claim", "uid": "claim-uid"}
        await self.server.put(
            f"{NAMESPACE}/persistentvolumeclaims/claim", {"metadata": metadata, "spec": spec, "status": status}
        )
        behind = {"local": {"path": str(path)}, "claimRef": {"uid": "claim-uid"}}
        await self.server.put("/api/v1/persistentvolumes/pv", {"metadata": {"name": "pv"}, "spec": behind})

    def path(self, one: Pod, name: str = "v", **mount: Any) -> Path:
        """Return the host path of a mount of volume `name`."""
        spec = pod(containers=[{"name": "web", "volumeMounts": [{"name": name, "mountPath": "/m", **mount}]}]).spec
        return Path(self.volumes.mounts(one, spec.containers[0], {"NAME": "web-0"})[0].host_path)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_config_map_becomes_files_and_follows_changes(node: Node) -> None:
    async def story() -> None:
        await node.config("cm", a="1")
        one = pod(volumes=[{"name": "v", "configMap": {"name": "cm"}}])
        await node.volumes.mount(one)
        assert (node.path(one) / "a").read_text() == "1"
        await node.config("cm", a="2")
        await node.volumes.refresh(one)
        assert (node.path(one) / "a").read_text() == "2"

    run(story())


def test_a_missing_config_map_says_so_unless_it_is_optional(node: Node) -> None:
    async def story() -> None:
        with pytest.raises(VolumeFailure) as caught:
            await node.volumes.mount(pod(volumes=[{"name": "v", "configMap": {"name": "cm"}}]))
        assert str(caught.value) == 'MountVolume.SetUp failed for volume "v" : configmap "cm" not found'
        assert not node.volumes.ready("web-0-uid")
        await node.volumes.mount(pod(volumes=[{"name": "v", "configMap": {"name": "cm", "optional": True}}]))

    run(story())


def test_a_projected_volume_joins_its_sources(node: Node) -> None:
    async def story() -> None:
        await node.config("cm", a="1")
        secret = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"k": base64.b64encode(b"x").decode()}}
        await node.server.put(f"{NAMESPACE}/secrets/s", secret)
        downward = [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]
        sources = [
            {"configMap": {"name": "cm", "items": [{"key": "a", "path": "deep/a"}]}},
            {"secret": {"name": "s"}},
            {"downwardAPI": {"items": downward}},
        ]
        one = pod(volumes=[{"name": "v", "projected": {"sources": sources}}])
        await node.volumes.mount(one)
        root = node.path(one)
        assert [(root / path).read_text() for path in ("deep/a", "k", "name")] == ["1", "x", "web-0"]

    run(story())


def test_a_claim_is_its_volumes_path(node: Node) -> None:
    async def story() -> None:
        path = Path(node.settings.volumes_dir) / "v0"
        path.mkdir(parents=True)
        await node.claim(path)
        one = pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "claim"}}])
        await node.volumes.mount(one)
        assert node.path(one) == path
        await node.volumes.unmount(one.uid)
        assert path.is_dir()

    run(story())


@pytest.mark.parametrize("part", ["", "pods", "pv/../pods"])
def test_a_volume_may_not_point_into_the_clusters_own_data(node: Node, part: str) -> None:
    path = node.settings.data_dir / part
    path.mkdir(parents=True)
    Path(node.settings.volumes_dir).mkdir(parents=True, exist_ok=True)

    async def story() -> None:
        await node.claim(path)
        one = pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "claim"}}])
        with pytest.raises(VolumeFailure, match="the cluster's own data"):
            await node.volumes.mount(one)
        direct = pod(volumes=[{"name": "v", "hostPath": {"path": str(path)}}])
        with pytest.raises(VolumeFailure, match="the cluster's own data"):
            await node.volumes.mount(direct)

    run(story())


def test_an_unbound_claim_is_waited_for(node: Node) -> None:
    async def story() -> None:
        metadata = {"name": "claim", "uid": "claim-uid"}
        await node.server.put(f"{NAMESPACE}/persistentvolumeclaims/claim", {"metadata": metadata, "spec": {}})
        with pytest.raises(VolumeFailure, match="non-bound phase"):
            await node.volumes.mount(pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "claim"}}]))

    run(story())


@pytest.mark.parametrize(
    ("kind", "text"),
    [("Directory", "is not a directory"), ("Socket", "is not a socket"), ("BlockDevice", "is not a block device")],
)
def test_host_path_types_are_checked(node: Node, tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "file"
    file.touch()
    one = pod(volumes=[{"name": "v", "hostPath": {"path": str(file), "type": kind}}])
    with pytest.raises(VolumeFailure, match=text):
        run(node.volumes.mount(one))


def test_host_paths_of_the_right_type_are_taken(node: Node, tmp_path: Path) -> None:
    place = str(tmp_path / "sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(place)
        one = pod(volumes=[{"name": "v", "hostPath": {"path": place, "type": "Socket"}}])
        run(node.volumes.mount(one))
    assert str(node.path(one)) == place


def test_sub_paths_are_made_and_stay_inside(node: Node) -> None:
    async def story() -> None:
        one = pod(volumes=[{"name": "v", "emptyDir": {}}])
        await node.volumes.mount(one)
        root = node.path(one)
        assert node.path(one, subPath="a/b") == root / "a" / "b"
        assert (root / "a" / "b").is_dir()
        assert node.path(one, subPathExpr="$(NAME)") == root / "web-0"
        (root / "link").symlink_to("/etc")
        for bad in ("link", "../x", "link/passwd"):
            with pytest.raises(RuntimeFailure):
                node.path(one, subPath=bad)

    run(story())


def test_unmounting_twice_is_fine_and_removes_the_pods_files(node: Node) -> None:
    async def story() -> None:
        one = pod(volumes=[{"name": "v", "emptyDir": {}}])
        await node.volumes.mount(one)
        assert node.volumes.left(one.uid)
        await node.volumes.unmount(one.uid)
        await node.volumes.unmount(one.uid)
        assert not node.volumes.left(one.uid)

    run(story())

"""What a plan reads of a cluster, what it makes of it, and what stands in for what it may not read."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest

from moorage.base.errors import UserError
from moorage.cli.plan.copying import Copy, adapted, copy
from moorage.client.api import Api
from moorage.client.ports import Request, Response, WatchEvent
from moorage.provisioners.backends.local import PROVISIONER

POD = {"metadata": {"name": "web-0", "namespace": "shop", "uid": "p"}, "spec": {"nodeName": "n1"}}
WANTED = {"kind": "StatefulSet", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}


class Cluster:
    """A `Transport`: pages of one item; what is not listed is empty, None is forbidden."""

    def __init__(self, items: Mapping[str, list[dict[str, Any]] | None]) -> None:
        self.items = items
        self.asked: list[Request] = []

    async def call(self, request: Request) -> Response:
        assert request.method == "GET"
        self.asked.append(request)
        listed = self.items.get(request.path, [])
        if listed is None:
            return Response(403, {"kind": "Status", "code": 403, "reason": "Forbidden"})
        query = dict(request.query)
        assert query["limit"]
        place = int(query.get("continue", 0))
        more = {"continue": str(place + 1)} if place + 1 < len(listed) else {}
        return Response(200, {"metadata": more, "items": listed[place : place + 1]})

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        raise AssertionError(request)
        yield

    async def close(self) -> None:
        """Nothing to release."""


def read(items: Mapping[str, list[dict[str, Any]] | None]) -> tuple[Copy, Cluster]:
    cluster = Cluster(items)
    return asyncio.run(copy(Api(cluster), [WANTED])), cluster


def names(found: Copy, kind: str) -> list[str]:
    return [one["metadata"]["name"] for one in found.objects if one["kind"] == kind]


def named(*given: str) -> list[dict[str, Any]]:
    return [{"metadata": {"name": name, "uid": name}} for name in given]


def test_every_page_of_the_namespace_is_read_and_of_others_only_pods() -> None:
    found, cluster = read({"/api/v1/nodes": named("n1", "n2"), "/api/v1/pods": [POD]})
    assert (names(found, "Node"), names(found, "Pod"), found.unread) == (["n1", "n2"], ["web-0"], ())
    paths = {one.path for one in cluster.asked}
    assert "/apis/apps/v1/namespaces/shop/statefulsets" in paths
    assert "/apis/apps/v1/statefulsets" not in paths
    assert not any("events" in path or "leases" in path or "rbac" in path for path in paths)


def test_volumes_of_other_namespaces_stay_where_they_are() -> None:
    refs = {"free": {}, "ours": {"namespace": "shop"}, "theirs": {"namespace": "bank"}}
    volumes = [{"metadata": {"name": name, "uid": name}, "spec": {"claimRef": ref}} for name, ref in refs.items()]
    found, _ = read({"/api/v1/persistentvolumes": volumes})
    assert names(found, "PersistentVolume") == ["free", "ours"]


def test_of_secrets_only_metadata_is_asked() -> None:
    _, cluster = read({})
    (asked,) = [one for one in cluster.asked if one.path.endswith("/secrets")]
    assert "PartialObjectMetadataList" in asked.headers["accept"]


def test_what_may_not_be_read_has_a_stand_in() -> None:
    claim = {
        "metadata": {"name": "data-web-0", "namespace": "shop", "uid": "c"},
        "spec": {"volumeName": "pv-1", "storageClassName": "fast"},
        "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}},
    }
    found, _ = read(
        {
            "/api/v1/nodes": None,
            "/api/v1/pods": None,
            "/api/v1/persistentvolumes": None,
            "/apis/storage.k8s.io/v1/storageclasses": None,
            "/api/v1/namespaces/shop/pods": [POD],
            "/api/v1/namespaces/shop/persistentvolumeclaims": [claim],
        }
    )
    assert set(found.unread) == {"nodes", "pods of other namespaces", "persistentvolumes", "storageclasses"}
    assert names(found, "Node") == ["n1"]
    (volume,) = [one for one in found.objects if one["kind"] == "PersistentVolume"]
    assert (volume["metadata"]["name"], volume["spec"]["claimRef"]["name"]) == ("pv-1", "data-web-0")
    assert names(found, "StorageClass") == ["default", "fast"]


def test_without_pods_there_is_no_plan() -> None:
    with pytest.raises(UserError, match="has to list pods"):
        read({"/api/v1/pods": None, "/api/v1/namespaces/shop/pods": None})


def test_an_owner_that_is_not_copied_owns_nothing() -> None:
    owners = [{"uid": "operator", "kind": "Cluster"}, {"uid": "set", "kind": "StatefulSet"}]
    pod = {"kind": "Pod", "metadata": {"name": "p", "uid": "p", "ownerReferences": owners}}
    kept = adapted([pod, {"kind": "StatefulSet", "metadata": {"name": "s", "uid": "set"}}])[0]
    assert kept["metadata"]["ownerReferences"] == owners[1:]


@pytest.mark.parametrize(
    ("provisioner", "becomes"),
    [("ebs.csi.aws.com", PROVISIONER), ("kubernetes.io/no-provisioner", "kubernetes.io/no-provisioner")],
)
def test_a_provisioner_is_taken_to_work(provisioner: str, becomes: str) -> None:
    (found,) = adapted([{"kind": "StorageClass", "metadata": {"name": "c", "uid": "c"}, "provisioner": provisioner}])
    assert found["provisioner"] == becomes

"""Views: absent fields take Go's zero value, unknown ones are skipped, nulls count as absent."""

import datetime

import msgspec
import pytest

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.api.views import VIEWS, view, view_type
from moorage.api.views.meta import Plain
from moorage.api.views.network import EndpointSlice, Service
from moorage.api.views.pod import Pod
from moorage.api.views.storage import PersistentVolumeClaim, StorageClass
from moorage.api.views.workloads import StatefulSet


def _pod(**sections: object) -> Pod:
    document: Document = {"metadata": {"name": "web-0", "namespace": "d"}, **sections}
    seen = view(scheme.PODS, document)
    assert isinstance(seen, Pod)
    return seen


def test_every_view_is_of_a_kind_in_the_catalogue() -> None:
    assert set(VIEWS) <= {resource.qualified for resource in scheme.CATALOGUE}


def test_a_kind_without_a_view_shows_its_metadata() -> None:
    unknown = scheme.PODS.__class__("example.com", "v1", "things", "Thing")
    assert view_type(unknown) is Plain
    seen = view(unknown, {"metadata": {"name": "x", "uid": "u"}, "spec": {"any": 1}})
    assert isinstance(seen, Plain)
    assert seen.metadata.uid == "u"


@pytest.mark.parametrize("resource", scheme.CATALOGUE, ids=lambda resource: resource.plural)
def test_an_empty_object_can_be_seen(resource: scheme.Resource) -> None:
    seen = view(resource, {"metadata": {"name": "x"}})
    assert seen.metadata.name == "x"  # type: ignore[attr-defined]  # every view has metadata


def test_metadata() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "s"}
    metadata = {
        "name": "web-0",
        "uid": "u",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "deletionTimestamp": "2026-01-01T00:00:30Z",
        "ownerReferences": [{**owner, "uid": "other"}, {**owner, "controller": True}],
        "finalizers": ["a/b"],
    }
    seen = _pod(metadata=metadata).metadata
    assert seen.creation_timestamp == datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert seen.deleting
    assert seen.controller is not None
    assert seen.controller.uid == "s"
    assert seen.finalizers == ("a/b",)
    assert _pod().metadata.controller is None


def test_pod_conditions_and_phase() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "phase": "Running"}
    assert _pod(status=ready).ready_condition
    assert not _pod(status={"conditions": [{"type": "Ready", "status": "False"}]}).ready_condition
    assert not _pod().ready_condition
    assert _pod(status={"phase": "Failed"}).finished
    assert not _pod(status=ready).finished


def test_pod_claims_include_ephemeral_ones() -> None:
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "tmp", "ephemeral": {}},
        {"name": "e"},
    ]
    assert _pod(spec={"volumes": volumes}).claim_names == ("c", "web-0-tmp")


def test_pod_keeps_its_berth() -> None:
    berth = _pod().berth
    assert berth is not None
    assert (berth.parent, berth.ordinal) == ("web", 0)


def test_service_names_with_capitals() -> None:
    seen = view(
        scheme.SERVICES,
        {
            "metadata": {},
            "spec": {"clusterIP": "None", "clusterIPs": ["None"], "ports": [{"port": 80, "targetPort": "web"}]},
        },
    )
    assert isinstance(seen, Service)
    assert seen.headless
    assert seen.spec.ports[0].target_port == "web"


def test_nulls_count_as_absent() -> None:
    seen = view(scheme.PODS, {"metadata": {"name": "x", "labels": None, "creationTimestamp": None}, "spec": None})
    assert isinstance(seen, Pod)
    assert seen.metadata.labels == {}
    assert seen.spec.node_name == ""
    empty = view(scheme.ENDPOINTSLICES, {"metadata": {}, "endpoints": None, "ports": None})
    assert isinstance(empty, EndpointSlice)
    assert empty.endpoints is None


def test_an_absent_class_differs_from_an_empty_one() -> None:
    absent = view(scheme.PERSISTENTVOLUMECLAIMS, {"metadata": {"name": "a-0"}, "spec": {}})
    empty = view(scheme.PERSISTENTVOLUMECLAIMS, {"metadata": {"name": "a-0"}, "spec": {"storageClassName": ""}})
    assert isinstance(absent, PersistentVolumeClaim)
    assert isinstance(empty, PersistentVolumeClaim)
    assert (absent.spec.storage_class_name, empty.spec.storage_class_name) == (None, "")


def test_default_class_by_either_annotation() -> None:
    for key in ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"):
        seen = view(scheme.STORAGECLASSES, {"metadata": {"annotations": {key: "true"}}})
        assert isinstance(seen, StorageClass)
        assert seen.default
        assert not seen.waits_for_consumer


def test_templates_stay_documents() -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "unknown": 1}]}}
    seen = view(scheme.STATEFULSETS, {"metadata": {}, "spec": {"template": template}})
    assert isinstance(seen, StatefulSet)
    assert seen.spec.template == template


def test_a_wrong_type_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        view(scheme.PODS, {"metadata": {"name": 7}})


def test_views_do_not_change() -> None:
    with pytest.raises(AttributeError):
        _pod().metadata.name = "other"  # type: ignore[misc]  # that is the point

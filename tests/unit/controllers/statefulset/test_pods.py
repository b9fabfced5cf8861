"""What a new pod looks like, and how a living one is repaired."""

from typing import Any

from moorage.controllers.statefulset import pods
from moorage.controllers.statefulset.spec import read
from moorage.reconcile.actions import Patch, Update
from tests.unit.controllers.statefulset import builders as make

TEMPLATES = [{"metadata": {"name": "data"}, "spec": {}}]


def _template() -> dict[str, Any]:
    body = {
        "containers": [{"name": "c", "image": "x"}],
        "hostname": "mine",
        "subdomain": "mine",
        "volumes": [{"name": "data", "emptyDir": {}}, {"name": "home", "hostPath": {"path": "/tmp"}}],
    }
    labels = {"app": "web", "controller-revision-hash": "mine"}
    return {"metadata": {"labels": labels, "annotations": {"a": "b"}, "finalizers": ["x/y"]}, "spec": body}


def test_identity_and_storage_win_over_the_template() -> None:
    spec = read(make.stateful_set(volumeClaimTemplates=TEMPLATES))
    made = pods.pod_document(spec, 4, "web-abc", _template())
    assert made["metadata"] == {
        "name": "web-4",
        "generateName": "web-",
        "namespace": "default",
        "labels": {
            "app": "web",
            "statefulset.kubernetes.io/pod-name": "web-4",
            "apps.kubernetes.io/pod-index": "4",
            "controller-revision-hash": "web-abc",
        },
        "annotations": {"a": "b"},
        "finalizers": ["x/y"],
        "ownerReferences": [{**make.OWNER, "blockOwnerDeletion": True}],
    }
    assert (made["spec"]["hostname"], made["spec"]["subdomain"]) == ("web-4", "svc")
    assert made["spec"]["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-4"}},
        {"name": "home", "hostPath": {"path": "/tmp"}},
    ]


def test_the_template_stays_as_it_is() -> None:
    template = _template()
    pods.pod_document(read(make.stateful_set(volumeClaimTemplates=TEMPLATES)), 0, "web-abc", template)
    assert template == _template()


def test_without_a_service_there_is_no_subdomain() -> None:
    made = pods.pod_document(read(make.stateful_set(serviceName="")), 0, "web-abc", _template())
    assert "subdomain" not in made["spec"]


def _repair(document: Any, templates: list[Any]) -> Any:
    picture = make.snapshot(make.stateful_set(volumeClaimTemplates=templates), document)
    return pods.repair(picture.spec, picture.pods[0])


def test_a_pod_as_it_should_be_needs_no_repair() -> None:
    assert _repair(make.pod("web-0"), TEMPLATES) is None


def test_a_missing_name_label_is_patched() -> None:
    fix = _repair(make.pod("web-0", labels={"app": "web"}), TEMPLATES)
    assert isinstance(fix, Patch)
    assert fix.body["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "web-0"
    assert (fix.uid, fix.resource_version) == ("uid-web-0", "6")


def test_a_missing_claim_volume_is_put_back() -> None:
    fix = _repair(make.pod("web-0"), [*TEMPLATES, {"metadata": {"name": "logs"}, "spec": {}}])
    assert isinstance(fix, Update)
    assert [volume["name"] for volume in fix.document["spec"]["volumes"]] == ["data", "logs"]
    assert fix.on_success is not None
    assert fix.on_success.message == "update Pod web-0 in StatefulSet web successful"

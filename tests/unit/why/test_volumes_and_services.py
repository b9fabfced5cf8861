"""Gates of claims and Services that the simulated stalls do not reach."""

from typing import Any

import pytest

from tests.unit.why.cluster import container, event, explained, node, pod, thing, told

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def _claim(phase: str = "Pending", name: str = "data", **spec: Any) -> dict[str, Any]:
    return thing("PersistentVolumeClaim", name, {"accessModes": ["ReadWriteOnce"], **spec}, status={"phase": phase})


def _class(**fields: Any) -> dict[str, Any]:
    return thing("StorageClass", "fast", provisioner="example.com/disk", **fields)


def test_a_bound_claim_waits_for_nothing() -> None:
    assert explained(_claim("Bound", volumeName="v"))["state"] == "Settled"


@pytest.mark.parametrize(
    ("claim", "others", "gate", "culprit"),
    [
        (_claim("Lost", volumeName="v"), (), "VolumeLost", "PersistentVolume v"),
        (_claim(volumeName="v"), (), "VolumeLost", "PersistentVolume v"),
        (
            _claim(volumeName="v"),
            (thing("PersistentVolume", "v", {"claimRef": {"namespace": "default", "name": "other"}}),),
            "VolumeTaken",
            "PersistentVolume v",
        ),
        (_claim(storageClassName=""), (), "NoMatchingVolume", "PersistentVolumeClaim data"),
        (
            _claim(storageClassName="fast"),
            (_class(volumeBindingMode="WaitForFirstConsumer"),),
            "NoPodUses",
            "PersistentVolumeClaim data",
        ),
        (
            _claim(storageClassName="fast"),
            (_class(), event(_claim(), "ProvisioningFailed", "quota used up")),
            "ProvisioningFailed",
            "PersistentVolumeClaim data",
        ),
    ],
)
def test_claims(claim: Any, others: Any, gate: str, culprit: str) -> None:
    assert [found[:2] for found in told(claim, *others)] == [(gate, culprit)]


def test_a_claim_that_waits_for_its_pod_tells_the_pods_reason() -> None:
    user = pod({}, {"nodeName": "", "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]})
    late = _class(volumeBindingMode="WaitForFirstConsumer")
    assert told(_claim(storageClassName="fast"), late, user)[0][:2] == ("Unscheduled", "Pod web-0")


@pytest.mark.parametrize(
    ("name", "command"),
    [("data-web-0", "kubectl delete pod web-0 -n default"), ("shared", "kubectl get pvc -n default")],
)
def test_a_set_makes_only_the_claims_of_its_templates_anew(name: str, command: str) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "u", "controller": True}
    spec = {"nodeName": "", "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": name}}]}
    (gate,) = explained(pod({"phase": "Pending"}, spec, ownerReferences=[owner]))["gates"]
    assert (gate["gate"], gate["culprit"]["name"], gate["command"]) == ("ClaimMissing", name, command)


def test_a_waiting_class_is_held_by_choice_not_stalled() -> None:
    late = _class(volumeBindingMode="WaitForFirstConsumer")
    assert explained(_claim(storageClassName="fast"), late)["state"] == "Held"


def test_a_service_whose_pods_are_in_no_slice_yet() -> None:
    service = thing("Service", "web", {"selector": {"app": "web"}})
    assert told(service, pod(READY, labels={"app": "web"}))[0][:2] == ("EndpointsBehind", "Service web")
    endpoints = [{"targetRef": {"uid": "uid-web-0"}}]
    labels = {"labels": {"kubernetes.io/service-name": "web"}}
    assert (
        told(
            service,
            pod(READY, labels={"app": "web"}),
            thing("EndpointSlice", "s", endpoints=endpoints, metadata=labels),
        )
        == []
    )


def test_a_service_names_the_set_whose_pods_were_meant() -> None:
    service = thing("Service", "web", {"selector": {"app": "wbe"}})
    template = {"metadata": {"labels": {"app": "web"}}}
    owner = thing("StatefulSet", "web", {"serviceName": "web", "template": template})
    (found,) = told(service, owner)
    assert found[2] == "no pod has app=wbe; StatefulSet web names this Service, its pods have app=web"


def test_a_service_that_reaches_some_pods_is_not_stalled() -> None:
    service = thing("Service", "web", {"selector": {"app": "web"}})
    broken = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), labels={"app": "web"})
    assert explained(service, broken, node())["state"] == "Stalled"
    ready = thing("Pod", "web-1", broken["spec"], status=READY, metadata={"labels": {"app": "web"}})
    found = explained(service, broken, ready, node())
    assert (found["state"], found["gates"][0]["gate"]) == ("Progressing", "ImagePullFailed")


def test_services_without_pods_of_their_own_are_left_alone() -> None:
    assert told(thing("Service", "db", {"type": "ExternalName", "externalName": "db.example.com"})) == []
    assert (
        told(
            thing("Service", "web", {"selector": {"app": "web"}, "publishNotReadyAddresses": True}),
            pod(labels={"app": "web"}),
        )
        == []
    )

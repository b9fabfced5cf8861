"""What may not change, what an update keeps, and how generations grow: beyond the recorded cases."""

import copy
from typing import Any

import pytest

from moorage.api import scheme
from moorage.api.refs import Document, Resource
from moorage.apiserver import errors
from moorage.apiserver.kinds import STRATEGIES
from tests.unit.apiserver.kinds import goldens

CONTAINER = {"name": "c", "image": "nginx:1.25"}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [CONTAINER]}}
SET = {"serviceName": "s", "selector": {"matchLabels": {"app": "x"}}, "template": TEMPLATE}
VOLUME = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}


def _stored(resource: Resource, **fields: Any) -> Document:
    """Return an object as it is after a create."""
    path = resource.path("default")
    body = {"metadata": {"name": "x"}, **copy.deepcopy(fields)}
    document = goldens.once_defaulted({"method": "POST", "path": path, "body": body})
    if resource.namespaced:
        document["metadata"]["namespace"] = "default"
    STRATEGIES[resource].prepare_create(document)
    assert STRATEGIES[resource].validate_create(document) == []
    return document


def _update(resource: Resource, old: Document, **spec: Any) -> list[str]:
    """Return the errors of changing some fields of the spec; None removes one."""
    new = copy.deepcopy(old)
    for key, value in spec.items():
        new["spec"].pop(key, None)
        if value is not None:
            new["spec"][key] = value
    strategy = STRATEGIES[resource]
    strategy.default(new)
    strategy.prepare_update(new, old)
    return [f"{one.path}: {errors.body(one)}" for one in strategy.validate_update(new, old)]


def test_a_claim_gets_its_volume_once() -> None:
    claim = _stored(scheme.PERSISTENTVOLUMECLAIMS, spec=CLAIM)
    assert _update(scheme.PERSISTENTVOLUMECLAIMS, claim, volumeName="pv-1") == []
    claim["spec"]["volumeName"] = "pv-1"
    (error,) = _update(scheme.PERSISTENTVOLUMECLAIMS, claim, volumeName="pv-2")
    assert error.startswith("spec: Forbidden: spec is immutable after creation except resources.requests")


def test_a_claim_without_class_may_get_one_and_keeps_it() -> None:
    claim = _stored(scheme.PERSISTENTVOLUMECLAIMS, spec=CLAIM)
    assert _update(scheme.PERSISTENTVOLUMECLAIMS, claim, storageClassName="local") == []
    claim["spec"]["storageClassName"] = "local"
    assert len(_update(scheme.PERSISTENTVOLUMECLAIMS, claim, storageClassName="other")) == 1


def test_only_a_bound_claim_grows_and_none_shrinks_below_what_it_has() -> None:
    claim = _stored(scheme.PERSISTENTVOLUMECLAIMS, spec=CLAIM)
    larger, smaller = ({"requests": {"storage": size}} for size in ("2Gi", "1Mi"))
    assert len(_update(scheme.PERSISTENTVOLUMECLAIMS, claim, resources=larger)) == 1
    claim["status"] = {"phase": "Bound", "capacity": {"storage": "1Gi"}}
    assert _update(scheme.PERSISTENTVOLUMECLAIMS, claim, resources=larger) == []
    (error,) = _update(scheme.PERSISTENTVOLUMECLAIMS, claim, resources=smaller)
    assert error == "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"


def test_a_volume_keeps_its_source_and_gets_its_claim() -> None:
    volume = _stored(scheme.PERSISTENTVOLUMES, spec=VOLUME)
    claim = {"kind": "PersistentVolumeClaim", "namespace": "default", "name": "c"}
    assert _update(scheme.PERSISTENTVOLUMES, volume, claimRef=claim, persistentVolumeReclaimPolicy="Delete") == []
    (error,) = _update(scheme.PERSISTENTVOLUMES, volume, hostPath={"path": "/y"})
    assert error.startswith("spec.persistentvolumesource: Forbidden")


def test_a_service_keeps_its_address() -> None:
    service = _stored(scheme.SERVICES, spec={"ports": [{"port": 80}], "clusterIP": "10.43.0.9"})
    assert _update(scheme.SERVICES, service, clusterIP=None, clusterIPs=None) == []
    (error,) = _update(scheme.SERVICES, service, clusterIP="10.43.0.10")
    assert error == 'spec.clusterIPs[0]: Invalid value: []string{"10.43.0.10"}: may not change once set'


def test_a_service_that_becomes_headless_is_refused() -> None:
    service = _stored(scheme.SERVICES, spec={"ports": [{"port": 80}], "clusterIP": "10.43.0.9", "selector": {"a": "b"}})
    assert _update(scheme.SERVICES, service, clusterIP="None") != []


def test_node_ports_stay_with_their_ports() -> None:
    ports = [{"name": "a", "port": 80, "nodePort": 30080}]
    service = _stored(scheme.SERVICES, spec={"type": "NodePort", "ports": ports, "clusterIP": "10.43.0.9"})
    new = copy.deepcopy(service)
    new["spec"]["ports"] = [{"name": "b", "port": 81}, {"name": "a", "port": 80}]
    strategy = STRATEGIES[scheme.SERVICES]
    strategy.default(new)
    strategy.prepare_update(new, service)
    assert [port.get("nodePort") for port in new["spec"]["ports"]] == [None, 30080]


def test_a_cluster_address_goes_with_the_type() -> None:
    service = _stored(scheme.SERVICES, spec={"ports": [{"port": 80}], "clusterIP": "10.43.0.9"})
    new = copy.deepcopy(service)
    new["spec"].update(type="ExternalName", externalName="a.example.com")
    strategy = STRATEGIES[scheme.SERVICES]
    strategy.default(new)
    strategy.prepare_update(new, service)
    assert strategy.validate_update(new, service) == []
    assert not new["spec"].keys() & {"clusterIP", "clusterIPs", "ipFamilies", "internalTrafficPolicy"}


def test_status_is_written_only_through_status() -> None:
    stored = _stored(scheme.STATEFULSETS, spec=SET)
    strategy = STRATEGIES[scheme.STATEFULSETS]
    new = copy.deepcopy(stored)
    new["status"] = {"replicas": 5}
    new["spec"]["replicas"] = 3
    other = copy.deepcopy(new)
    strategy.prepare_update(new, stored)
    strategy.prepare_status(other, stored)
    assert (new["status"], new["spec"]["replicas"]) == (stored["status"], 3)
    assert (other["status"], other["spec"]["replicas"]) == ({"replicas": 5}, 1)


def test_counts_of_a_set_add_up() -> None:
    stored = _stored(scheme.STATEFULSETS, spec=SET)
    new = {**stored, "status": {"replicas": 1, "readyReplicas": 2, "availableReplicas": 3, "collisionCount": -1}}
    found = STRATEGIES[scheme.STATEFULSETS].validate_status(new, stored)
    assert [one.path for one in found] == [
        "status.collisionCount",
        "status.readyReplicas",
        "status.availableReplicas",
        "status.availableReplicas",
        "status.collisionCount",
    ]


@pytest.mark.parametrize(("change", "grows"), [({"replicas": 2}, True), ({}, False)])
def test_generation_follows_the_spec(change: Document, grows: bool) -> None:  # noqa: FBT001  # parametrised
    stored = _stored(scheme.STATEFULSETS, spec=SET)
    new = {**stored, "spec": {**stored["spec"], **change}, "metadata": {**stored["metadata"], "labels": {"a": "b"}}}
    bumps = STRATEGIES[scheme.STATEFULSETS].bumps_generation
    assert bumps is not None
    assert bumps(new, stored) is grows


def test_labels_of_a_slice_count_as_a_change() -> None:
    stored = _stored(scheme.ENDPOINTSLICES, addressType="IPv4")
    bumps = STRATEGIES[scheme.ENDPOINTSLICES].bumps_generation
    labelled = {**stored, "metadata": {**stored["metadata"], "labels": {"a": "b"}}}
    annotated = {**stored, "metadata": {**stored["metadata"], "annotations": {"a": "b"}}}
    assert bumps is not None
    assert (bumps(labelled, stored), bumps(annotated, stored)) == (True, False)


@pytest.mark.parametrize(
    ("spec", "status", "grace"),
    [
        ({"nodeName": "n"}, {}, 30),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 0}, {}, 0),
        ({"nodeName": "n", "terminationGracePeriodSeconds": -5}, {}, 1),
        ({}, {}, 0),
        ({"nodeName": "n"}, {"phase": "Succeeded"}, 0),
    ],
)
def test_grace_of_a_plain_delete(spec: Document, status: Document, grace: int) -> None:
    pod = _stored(scheme.PODS, spec={"containers": [CONTAINER], **spec})
    assert STRATEGIES[scheme.PODS].default_grace({**pod, "status": status}) == grace


def test_finished_containers_of_a_pod_that_does_not_restart_stay_finished() -> None:
    pod = _stored(scheme.PODS, spec={"containers": [CONTAINER], "restartPolicy": "Never"})
    ended = {**pod, "status": {"containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 1}}}]}}
    again = {**pod, "status": {"containerStatuses": [{"name": "c", "state": {"running": {}}}]}}
    (error,) = STRATEGIES[scheme.PODS].validate_status(again, ended)
    assert error.path == "status.containerStatuses[0].state"
    assert STRATEGIES[scheme.PODS].validate_status(ended, again) == []


def test_status_of_a_pod_does_not_change_its_owners() -> None:
    pod = _stored(scheme.PODS, spec={"containers": [CONTAINER]})
    pod["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "x", "uid": "u", "apiVersion": "apps/v1"}]
    new = copy.deepcopy(pod)
    del new["metadata"]["ownerReferences"]
    STRATEGIES[scheme.PODS].prepare_status(new, pod)
    assert new["metadata"]["ownerReferences"] == pod["metadata"]["ownerReferences"]


def test_a_gated_pod_may_narrow_its_nodes() -> None:
    gate = [{"name": "example.com/g"}]
    pod = _stored(scheme.PODS, spec={"containers": [CONTAINER], "schedulingGates": gate})
    assert _update(scheme.PODS, pod, nodeSelector={"a": "b"}) == []
    pod["spec"]["nodeSelector"] = {"a": "b"}
    assert len(_update(scheme.PODS, pod, nodeSelector={"a": "c"})) == 1
    del pod["spec"]["schedulingGates"]
    assert len(_update(scheme.PODS, pod, nodeSelector={"a": "b", "c": "d"})) == 1

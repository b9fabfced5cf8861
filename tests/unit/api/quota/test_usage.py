"""What objects cost a quota, and which quotas count them."""

import datetime
from typing import Any

import pytest

from moorage.api.quota import podresources, scopes, usage
from moorage.api.quota.amounts import written
from moorage.api.refs import Document
from moorage.api.scheme import CONFIGMAPS, DEPLOYMENTS, PERSISTENTVOLUMECLAIMS, PODS, SERVICES

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def _container(requests: Document | None = None, limits: Document | None = None, **more: Any) -> Document:
    return {"name": "c", "resources": {"requests": requests or {}, "limits": limits or {}}, **more}


def _cost(resource: Any, document: Document) -> dict[str, str]:
    return written(usage.of(resource, document, NOW))


def test_every_object_counts_and_some_kinds_have_an_older_name() -> None:
    assert _cost(DEPLOYMENTS, {}) == {"count/deployments.apps": "1"}
    assert _cost(CONFIGMAPS, {}) == {"count/configmaps": "1", "configmaps": "1"}


def test_a_pod_costs_what_its_containers_ask_for() -> None:
    spec = {
        "containers": [
            _container({"cpu": "500m", "memory": "1Gi", "example.com/gpu": "2"}, {"cpu": "1"}),
            _container({"cpu": "250m", "hugepages-2Mi": "4Mi"}),
        ]
    }
    assert _cost(PODS, {"spec": spec}) == {
        "count/pods": "1",
        "pods": "1",
        "cpu": "750m",
        "requests.cpu": "750m",
        "memory": "1Gi",
        "requests.memory": "1Gi",
        "limits.cpu": "1",
        "hugepages-2Mi": "4Mi",
        "requests.hugepages-2Mi": "4Mi",
        "requests.example.com/gpu": "2",
    }


def test_the_greatest_moment_of_a_start_counts() -> None:
    init = [_container({"cpu": "100m"}, restartPolicy="Always"), _container({"cpu": "2"}), _container({"cpu": "1"})]
    spec: Document = {"initContainers": init, "containers": [_container({"cpu": "500m"})], "overhead": {"cpu": "10m"}}
    assert written(podresources.usage(spec))["cpu"] == "2110m"
    spec["containers"] = [_container({"cpu": "3"})]
    assert written(podresources.usage(spec)) == {"cpu": "3110m", "requests.cpu": "3110m"}


def test_a_pod_that_is_over_or_stuck_is_only_counted() -> None:
    spec = {"containers": [_container({"cpu": "1"})]}
    stuck = {"deletionTimestamp": "2025-12-31T23:59:00Z", "deletionGracePeriodSeconds": 30}
    going = {"deletionTimestamp": "2025-12-31T23:59:40Z", "deletionGracePeriodSeconds": 30}
    assert _cost(PODS, {"spec": spec, "status": {"phase": "Succeeded"}}) == {"count/pods": "1"}
    assert _cost(PODS, {"spec": spec, "metadata": stuck}) == {"count/pods": "1"}
    assert _cost(PODS, {"spec": spec, "metadata": going})["pods"] == "1"


@pytest.mark.parametrize(
    ("spec", "ports", "balancers"),
    [
        ({"type": "ClusterIP", "ports": [{}, {}]}, "0", "0"),
        ({"type": "NodePort", "ports": [{}, {}]}, "2", "0"),
        ({"type": "LoadBalancer", "ports": [{}, {}]}, "2", "1"),
        ({"type": "LoadBalancer", "ports": [{}, {"nodePort": 1}], "allocateLoadBalancerNodePorts": False}, "1", "1"),
    ],
)
def test_services_cost_their_node_ports(spec: Document, ports: str, balancers: str) -> None:
    assert _cost(SERVICES, {"spec": spec}) == {
        "count/services": "1",
        "services": "1",
        "services.nodeports": ports,
        "services.loadbalancers": balancers,
    }


def test_claims_cost_what_they_ask_for_in_total_and_by_class() -> None:
    claim = {
        "spec": {"storageClassName": "gold", "resources": {"requests": {"storage": "1Gi"}}},
        "status": {"allocatedResources": {"storage": "2Gi"}},
    }
    assert _cost(PERSISTENTVOLUMECLAIMS, claim) == {
        "count/persistentvolumeclaims": "1",
        "persistentvolumeclaims": "1",
        "requests.storage": "2Gi",
        "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
        "gold.storageclass.storage.k8s.io/requests.storage": "2Gi",
    }


def test_which_names_count_a_kind() -> None:
    hard = (
        "pods",
        "count/pods",
        "requests.example.com/gpu",
        "services",
        "gold.storageclass.storage.k8s.io/x",
        "secrets",
    )
    assert usage.names_of(PODS, hard) == {"pods", "count/pods", "requests.example.com/gpu"}
    assert usage.names_of(PERSISTENTVOLUMECLAIMS, hard) == {"gold.storageclass.storage.k8s.io/x"}
    assert usage.names_of(DEPLOYMENTS, hard) == set()


def test_containers_must_say_what_is_counted() -> None:
    spec = {"containers": [_container({"cpu": "1"}), _container(name="d")]}
    assert podresources.missing(spec, frozenset(("requests.cpu", "limits.memory", "pods"))) == {
        "limits.memory": ["c", "d"],
        "requests.cpu": ["d"],
    }


@pytest.mark.parametrize(
    ("scope", "spec", "counted"),
    [
        ("Terminating", {"activeDeadlineSeconds": 5}, True),
        ("NotTerminating", {"activeDeadlineSeconds": 5}, False),
        ("BestEffort", {"containers": [_container()]}, True),
        ("NotBestEffort", {"containers": [_container(limits={"memory": "1"})]}, True),
        ("BestEffort", {"containers": [_container({"example.com/gpu": "1"})]}, True),
        ("PriorityClass", {}, False),
        ("PriorityClass", {"priorityClassName": "high"}, True),
        ("CrossNamespacePodAffinity", {}, False),
        (
            "CrossNamespacePodAffinity",
            {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"namespaces": ["x"]}]}}},
            True,
        ),
    ],
)
def test_scopes(scope: str, spec: Document, counted: bool) -> None:  # noqa: FBT001  (an answer, not a switch)
    assert scopes.covers({"scopes": [scope]}, PODS, {"spec": spec}) is counted
    assert not scopes.covers({"scopes": [scope]}, CONFIGMAPS, {})


@pytest.mark.parametrize(
    ("operator", "values", "counted"),
    [("In", ["high"], True), ("NotIn", ["high"], False), ("NotIn", ["low"], True), ("DoesNotExist", [], False)],
)
def test_a_scope_may_name_priority_classes(operator: str, values: list[str], counted: bool) -> None:  # noqa: FBT001
    term = {"scopeName": "PriorityClass", "operator": operator, "values": values}
    quota = {"scopeSelector": {"matchExpressions": [term]}}
    assert scopes.covers(quota, PODS, {"spec": {"priorityClassName": "high"}}) is counted

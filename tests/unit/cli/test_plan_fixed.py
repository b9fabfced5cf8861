"""Which fields of a manifest Kubernetes would not let change."""

from typing import Any

import pytest

from moorage.cli.plan.fixed import fixed_fields


def a_set(**more: Any) -> dict[str, Any]:
    return {"kind": "StatefulSet", "spec": {"serviceName": "web", "replicas": 2, **more}}


def template(size: str, **more: Any) -> list[dict[str, Any]]:
    return [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}, **more}}]


LIVE = a_set(volumeClaimTemplates=template("1Gi", volumeMode="Filesystem"), podManagementPolicy="OrderedReady")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (a_set(replicas=3, minReadySeconds=5, template={"metadata": {}}), []),
        (a_set(serviceName="db"), ['spec.serviceName: "web" -> "db"']),
        (a_set(podManagementPolicy="Parallel"), ['spec.podManagementPolicy: "OrderedReady" -> "Parallel"']),
        (a_set(volumeClaimTemplates=template("1024Mi")), []),
        (
            a_set(volumeClaimTemplates=template("2Gi")),
            ['spec.volumeClaimTemplates[0].spec.resources.requests.storage: "1Gi" -> "2Gi"'],
        ),
        (
            a_set(volumeClaimTemplates=template("1Gi", storageClassName="fast")),
            ['spec.volumeClaimTemplates[0].spec.storageClassName: nothing -> "fast"'],
        ),
    ],
)
def test_fields_of_a_set(wanted: dict[str, Any], told: list[str]) -> None:
    assert fixed_fields(LIVE, wanted) == told


def test_a_list_of_another_length_is_told_as_a_whole_and_cut() -> None:
    (line,) = fixed_fields(LIVE, a_set(volumeClaimTemplates=template("1Gi") * 2))
    assert line.startswith('spec.volumeClaimTemplates: [{"metadata": ')
    assert len(line) < 160


@pytest.mark.parametrize(
    ("kind", "field", "told"),
    [
        ("Deployment", "selector", ['spec.selector.app: "a" -> "b"']),
        ("Deployment", "strategy", []),
        ("PersistentVolumeClaim", "selector", ['spec.selector.app: "a" -> "b"']),
        ("ConfigMap", "selector", []),
    ],
)
def test_other_kinds(kind: str, field: str, told: list[str]) -> None:
    live, wanted = ({"kind": kind, "spec": {field: {"app": value}}} for value in "ab")
    assert fixed_fields(live, wanted) == told

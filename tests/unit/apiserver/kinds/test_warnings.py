"""Warnings: what upstream says about templates, and what we say ahead about names that are too long."""

from typing import Any

import pytest

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver.kinds import STRATEGIES


def _set(name: str, **spec: Any) -> Document:
    return {"metadata": {"name": name}, "spec": {"replicas": 1, "template": {"spec": {"containers": []}}, **spec}}


def _warnings(document: Document, old: Document | None = None) -> list[str]:
    return STRATEGIES[scheme.STATEFULSETS].warnings(document, old)


@pytest.mark.parametrize(
    ("length", "spec", "label", "room"),
    [
        (52, {}, "", 0),
        (53, {}, "controller-revision-hash", 52),
        (61, {}, "controller-revision-hash", 52),
        (62, {}, "statefulset.kubernetes.io/pod-name", 61),
        (60, {"replicas": 101}, "statefulset.kubernetes.io/pod-name", 59),
        (60, {"ordinals": {"start": 1000}}, "statefulset.kubernetes.io/pod-name", 58),
    ],
)
def test_a_name_too_long_for_a_label_is_named_with_its_limit(
    length: int, spec: Document, label: str, room: int
) -> None:
    found = _warnings(_set("a" * length, **spec))
    assert len(found) == bool(label)
    assert all(f"label {label} " in one and f"at most {room} characters" in one for one in found)


def test_a_set_that_exists_is_not_warned_of_its_name_again() -> None:
    document = _set("a" * 60)
    assert _warnings(document, document) == []


def test_templates_are_warned_of_only_when_they_change() -> None:
    document = _set("x", template={"spec": {"containers": [], "volumes": [{"name": "v", "gitRepo": {}}]}})
    assert _warnings(document) == ["spec.template.spec.volumes[0].gitRepo: deprecated in v1.11"]
    assert _warnings(document, document) == []


def _pod_warnings(**spec: Any) -> list[str]:
    return STRATEGIES[scheme.PODS].warnings({"metadata": {"name": "x"}, "spec": spec}, None)


def test_variables_that_hide_others_are_named() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "$(A):2"}, {"name": "B", "value": "3"}]
    (found,) = _pod_warnings(containers=[{"name": "c", "env": env}])
    assert found == 'spec.containers[0].env[3]: hides previous definition of "B", which may be dropped when using apply'


def test_ports_and_bytes_and_selectors_are_looked_at() -> None:
    port = {"containerPort": 80, "protocol": "TCP"}
    found = _pod_warnings(
        nodeSelector={"beta.kubernetes.io/os": "linux"},
        containers=[{"ports": [port, port], "resources": {"requests": {"memory": "100m"}}}],
        terminationGracePeriodSeconds=-1,
    )
    assert [one.partition(":")[0] for one in found] == [
        "spec.nodeSelector[beta.kubernetes.io/os]",
        "spec.containers[0].resources.requests[memory]",
        "spec.containers[0].ports[1]",
        "spec.terminationGracePeriodSeconds",
    ]


def test_a_certificate_that_is_none_is_noticed() -> None:
    secret = {"metadata": {"name": "x"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "eA==", "tls.key": "eA=="}}
    found = STRATEGIES[scheme.SECRETS].warnings(secret, None)
    assert found == ["tls: failed to find any PEM data in certificate input"]

"""Aggregated ClusterRoles hold what their selectors choose."""

from typing import Any

from moorage.api.refs import ObjectKey
from moorage.controllers import clusterroleaggregation
from moorage.reconcile.actions import Patch
from tests.fakes.caches import FilledCaches

VERSION = "rbac.authorization.k8s.io/v1"
GET = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
LIST = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}


def role(name: str, rules: list[dict[str, Any]], label: str = "", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "uid": name, "labels": {"part-of": label}}
    return {"apiVersion": VERSION, "kind": "ClusterRole", "metadata": metadata, "rules": rules, **more}


SUM = role("sum", [], aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"part-of": "sum"}}]})


def test_rules_are_gathered_by_name_each_once() -> None:
    caches = FilledCaches(clusterroleaggregation.build())
    changed = caches.put(SUM, role("b", [LIST, GET], "sum"), role("a", [GET], "sum"), role("c", [LIST], "other"))
    assert changed == {ObjectKey("", "sum")}
    plan = caches.decide(ObjectKey("", "sum"))
    assert plan is not None
    (action,) = plan.steps
    assert isinstance(action, Patch)
    assert (action.body, action.uid) == ({"rules": [GET, LIST]}, "sum")


def test_a_settled_role_is_left_alone() -> None:
    caches = FilledCaches(clusterroleaggregation.build())
    caches.put({**SUM, "rules": [GET]}, role("a", [GET], "sum"))
    plan = caches.decide(ObjectKey("", "sum"))
    assert plan is not None
    assert plan.steps == ()


def test_a_plain_role_is_none_of_its_business() -> None:
    caches = FilledCaches(clusterroleaggregation.build())
    caches.put(role("a", [GET]))
    assert caches.decide(ObjectKey("", "a")) is None

"""A set being deleted makes nothing, not even the revision that the garbage collector has just removed."""

from moorage.api.refs import Document
from moorage.api.scheme import STATEFULSETS
from moorage.controllers.statefulset import controller
from tests.fakes.caches import FilledCaches, key, thing

DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["foregroundDeletion"]}


def _set(metadata: Document) -> Document:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {
        "replicas": 1, "serviceName": "web", "selector": {"matchLabels": {"app": "web"}}, "template": template,
        "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate"}, "revisionHistoryLimit": 10,
    }  # fmt: skip
    return thing(STATEFULSETS, "web", {"generation": 1, **metadata}, spec=spec, status={"replicas": 0})


def test_a_deleted_set_makes_no_revision() -> None:
    caches = FilledCaches(controller.build())
    caches.put(_set({}))
    plan = caches.decide(key("web"))
    assert plan is not None
    assert plan.steps != ()
    caches.put(_set(DELETED))
    plan = caches.decide(key("web"))
    assert plan is not None
    assert plan.steps == ()

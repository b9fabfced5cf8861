"""What every namespace has: the default service account and the authority's certificate."""

from moorage.api.refs import Document
from moorage.api.scheme import CONFIGMAPS, NAMESPACES, SERVICEACCOUNTS
from moorage.controllers import rootca, serviceaccount
from moorage.reconcile.actions import Create, Patch
from tests.fakes.caches import FilledCaches, key, thing

WHERE = key("default", "")
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def _namespace(*, deleted: bool = False) -> Document:
    return thing(NAMESPACES, "default", DELETED if deleted else {})


def test_a_namespace_gets_its_default_account() -> None:
    caches = FilledCaches(serviceaccount.build())
    assert caches.put(_namespace()) == {WHERE}
    plan = caches.decide(WHERE)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Create)
    assert step.exists_ok
    assert step.document["metadata"] == {"name": "default", "namespace": "default"}
    caches.put(thing(SERVICEACCOUNTS, "default"))
    assert caches.decide(WHERE) is None
    assert caches.remove(thing(SERVICEACCOUNTS, "default")) == {WHERE}
    assert caches.decide(WHERE) is not None


def test_a_leaving_namespace_gets_nothing() -> None:
    for controller in (serviceaccount.build(), rootca.build("PEM")):
        caches = FilledCaches(controller)
        caches.put(_namespace(deleted=True))
        assert caches.decide(WHERE) is None


def _certificate(**data: str) -> Document:
    return thing(CONFIGMAPS, "kube-root-ca.crt", data=data)


def test_a_namespace_gets_the_certificate() -> None:
    caches = FilledCaches(rootca.build("PEM"))
    caches.put(_namespace())
    plan = caches.decide(WHERE)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Create)
    assert step.document["metadata"]["name"] == "kube-root-ca.crt"
    assert step.document["data"] == {"ca.crt": "PEM"}


def test_a_changed_certificate_is_put_right() -> None:
    caches = FilledCaches(rootca.build("PEM"))
    caches.put(_namespace(), _certificate(**{"ca.crt": "old", "more": "x"}))
    plan = caches.decide(WHERE)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Patch)
    assert step.body == {"data": {"ca.crt": "PEM", "more": None}}
    caches.put(_certificate(**{"ca.crt": "PEM"}))
    plan = caches.decide(WHERE)
    assert plan is not None
    assert plan.steps == ()


def test_other_config_maps_are_no_concern() -> None:
    caches = FilledCaches(rootca.build("PEM"))
    assert caches.put(thing(CONFIGMAPS, "other", data={})) == set()
    assert caches.put(_certificate()) == {WHERE}

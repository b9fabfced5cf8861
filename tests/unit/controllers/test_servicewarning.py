"""The warning about a Service that a set names and nobody made."""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import EVENTS, SERVICES, STATEFULSETS
from moorage.controllers import servicewarning
from moorage.reconcile.actions import Create
from tests.fakes.caches import FilledCaches, key, thing

MYAPP = key("myapp")


def _set(generation: int = 1, service: str = "myapp-svc", **metadata: Any) -> Document:
    template = {"metadata": {"labels": {"app": "myapp-pod"}}}
    spec = {"serviceName": service, "template": template}
    return thing(STATEFULSETS, "myapp", {"generation": generation, **metadata}, spec=spec)


def _service(name: str, cluster_ip: str = "None", app: str = "myapp-pod") -> Document:
    return thing(SERVICES, name, spec={"clusterIP": cluster_ip, "selector": {"app": app}})


def _caches(*documents: Document) -> FilledCaches:
    caches = FilledCaches(servicewarning.build())
    caches.put(*documents)
    return caches


def _event(caches: FilledCaches) -> Document:
    plan = caches.decide(MYAPP)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Create)
    assert step.resource == EVENTS
    assert step.exists_ok
    return step.document


def test_names_the_missing_service_and_the_one_that_selects() -> None:
    services = (_service("demo-svc"), _service("plain", "10.43.0.7"), _service("others", app="x"))
    event = _event(_caches(_set(), *services))
    assert (event["type"], event["reason"]) == ("Warning", "ServiceNotFound")
    assert event["involvedObject"]["name"] == "myapp"
    assert '"myapp-svc"' in event["message"]
    assert '"demo-svc"' in event["message"]
    assert event["message"].endswith("create a headless Service named myapp-svc")
    assert "plain" not in event["message"]
    assert "others" not in event["message"]


def test_without_another_service_there_is_no_event_but_a_gate() -> None:
    plan = _caches(_set(), _service("plain", "10.43.0.7")).decide(MYAPP)
    assert plan is not None
    assert plan.steps == ()
    assert plan.gates[0].name == "ServiceMissing"


def test_is_one_event_a_generation() -> None:
    demo = _service("demo-svc")
    first, again, next_one = (_event(_caches(_set(generation), demo)) for generation in (1, 1, 2))
    assert first["metadata"]["name"] == again["metadata"]["name"]
    assert first["metadata"]["name"] != next_one["metadata"]["name"]
    caches = _caches(_set())
    assert caches.put(_set()) == set()
    assert caches.put(_set(2)) == {MYAPP}


def test_there_is_nothing_to_say_once_the_service_exists() -> None:
    caches = _caches(_set())
    assert caches.put(_service("myapp-svc")) == {MYAPP}
    assert caches.decide(MYAPP) is None
    assert caches.remove(_service("myapp-svc")) == {MYAPP}
    assert caches.decide(MYAPP) is not None
    assert caches.put(_service("demo-svc", app="x")) == set()
    assert caches.put(_service("demo-svc")) == {MYAPP}


def test_sets_without_service_name_or_being_deleted_are_left_alone() -> None:
    assert _caches(_set(service="")).decide(MYAPP) is None
    assert _caches(_set(deletionTimestamp="2026-01-01T00:00:00Z")).decide(MYAPP) is None


def test_the_gate_says_what_would_open_it() -> None:
    plan = _caches(_set()).decide(MYAPP)
    assert plan is not None
    (gate,) = plan.gates
    assert gate.culprit.key == key("myapp-svc")
    assert gate.opens == "create a headless Service named myapp-svc"

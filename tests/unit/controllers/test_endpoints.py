"""Endpoints of v1: subsets, capacity, and whose they are."""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import ENDPOINTS, PODS, SERVICES
from moorage.controllers import endpoints
from moorage.controllers.endpoints import MAX_ADDRESSES
from moorage.reconcile.actions import Create, Delete, Update
from tests.fakes.caches import FilledCaches, key, thing

WEB = key("web")
PORTS = [{"name": "http", "port": 80, "protocol": "TCP"}, {"name": "admin", "port": 81, "protocol": "TCP"}]


def _service(**spec: Any) -> Document:
    wanted = {"selector": {"app": "web"}, "clusterIP": "None", "ports": PORTS, **spec}
    return thing(SERVICES, "web", {"labels": {"team": "x"}}, spec=wanted)


def _pod(number: int, *, ready: bool = True, spec: Document | None = None, **metadata: Any) -> Document:
    return thing(
        PODS,
        f"web-{number}",
        {"labels": {"app": "web"}, **metadata},
        spec={"nodeName": "n1", "hostname": f"web-{number}", "subdomain": "web", **(spec or {})},
        status={
            "phase": "Running",
            "podIP": f"10.42.{number // 250}.{number % 250 + 1}",
            "conditions": [{"type": "Ready", "status": str(ready)}],
        },
    )


def _caches(*documents: Document) -> FilledCaches:
    caches = FilledCaches(endpoints.build())
    caches.put(*documents)
    return caches


def _made(*documents: Document) -> Document:
    """Return the object that is created, after a check that it then needs no change."""
    caches = _caches(*documents)
    plan = caches.decide(WEB)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Create)
    caches.put(step.document)
    again = caches.decide(WEB)
    assert again is not None
    assert again.steps == ()
    return step.document


def test_ready_and_unready_addresses_share_ports() -> None:
    document = _made(_service(), _pod(1), _pod(0), _pod(2, ready=False))
    (subset,) = document["subsets"]
    assert [one["ip"] for one in subset["addresses"]] == ["10.42.0.1", "10.42.0.2"]
    assert [one["ip"] for one in subset["notReadyAddresses"]] == ["10.42.0.3"]
    assert [one["name"] for one in subset["ports"]] == ["admin", "http"]
    assert subset["addresses"][0] == {
        "ip": "10.42.0.1", "hostname": "web-0", "nodeName": "n1",
        "targetRef": {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": "uid-web-0"},
    }  # fmt: skip


def test_labels_of_a_headless_service() -> None:
    assert _made(_service())["metadata"]["labels"] == {"team": "x", "service.kubernetes.io/headless": ""}
    assert _made(_service(clusterIP="10.43.0.9"))["metadata"]["labels"] == {"team": "x"}


def test_leaving_pods_are_not_shown_unless_unready_ones_are() -> None:
    leaving = _pod(0, deletionTimestamp="2026-01-01T00:00:00Z")
    assert _made(_service(), leaving)["subsets"] == []
    (subset,) = _made(_service(publishNotReadyAddresses=True), leaving, _pod(1, ready=False))["subsets"]
    assert len(subset["addresses"]) == 2


def test_different_ports_make_different_subsets() -> None:
    service = _service(ports=[{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "web"}])
    pods = [
        _pod(number, spec={"containers": [{"name": "c", "ports": [{"name": "web", "containerPort": 8080 + number}]}]})
        for number in range(2)
    ]
    assert sorted(one["ports"][0]["port"] for one in _made(service, *pods)["subsets"]) == [8080, 8081]


def test_a_headless_service_needs_no_ports() -> None:
    (subset,) = _made(_service(ports=[]), _pod(0))["subsets"]
    assert "ports" not in subset
    assert len(subset["addresses"]) == 1


def test_too_many_addresses_are_cut_off_unready_ones_first() -> None:
    pods = [_pod(number, ready=number != 0) for number in range(MAX_ADDRESSES + 1)]
    document = _made(_service(), *pods)
    (subset,) = document["subsets"]
    assert len(subset["addresses"]) == MAX_ADDRESSES
    assert "notReadyAddresses" not in subset
    assert document["metadata"]["annotations"]["endpoints.kubernetes.io/over-capacity"] == "truncated"


def test_a_change_is_an_update() -> None:
    caches = _caches(_service(), _pod(0))
    plan = caches.decide(WEB)
    assert plan is not None
    assert isinstance(plan.steps[0], Create)
    own = {**plan.steps[0].document["metadata"], "uid": "e"}
    caches.put({**plan.steps[0].document, "metadata": own}, _pod(0, ready=False))
    plan = caches.decide(WEB)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Update)
    assert "notReadyAddresses" in step.document["subsets"][0]
    assert step.document["metadata"]["uid"] == "e"


def test_endpoints_go_with_their_service_but_leader_records_stay() -> None:
    plan = _caches(thing(ENDPOINTS, "web")).decide(WEB)
    assert plan is not None
    (step,) = plan.steps
    assert isinstance(step, Delete)
    assert step.uid == "uid-web"
    record = thing(ENDPOINTS, "web", {"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}})
    assert _caches(record).decide(WEB) is None


def test_endpoints_without_selector_are_a_persons() -> None:
    assert _caches(_service(selector=None), thing(ENDPOINTS, "web")).decide(WEB) is None


def test_a_persons_endpoints_without_a_service_wait_for_one() -> None:
    caches = FilledCaches(endpoints.build())
    assert caches.put(thing(ENDPOINTS, "web")) == set()
    caches.put(_service())
    assert caches.remove(_service()) == {WEB}
    plan = caches.decide(WEB)
    assert plan is not None
    assert isinstance(plan.steps[0], Delete)

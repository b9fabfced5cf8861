"""EndpointSlices: which pods, in what condition, in which slices."""

from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import ENDPOINTSLICES, NODES, PODS, SERVICES
from moorage.controllers import endpointslice
from moorage.reconcile.actions import Action, Create, Delete, Update
from tests.fakes.caches import FilledCaches, key, thing

WEB = key("web")


def _service(**spec: Any) -> Document:
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}]
    wanted = {"selector": {"app": "web"}, "clusterIP": "None", "ipFamilies": ["IPv4"], "ports": ports, **spec}
    return thing(SERVICES, "web", {"labels": {"team": "x"}}, spec=wanted)


def _pod(number: int, *, ready: bool = True, spec: Document | None = None, **metadata: Any) -> Document:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    address = f"10.42.{number // 250}.{number % 250 + 1}"
    return thing(
        PODS,
        f"web-{number}",
        {"labels": {"app": "web"}, **metadata},
        spec={"nodeName": "n1", "hostname": f"web-{number}", "subdomain": "web", **(spec or {})},
        status={"phase": "Running", "conditions": conditions, "podIP": address, "podIPs": [{"ip": address}]},
    )


def _caches(*documents: Document) -> FilledCaches:
    caches = FilledCaches(endpointslice.build())
    caches.put(*documents)
    return caches


def _steps(caches: FilledCaches) -> list[Action]:
    plan = caches.decide(WEB)
    assert plan is not None
    return [step for step in plan.steps if not hasattr(step, "sequences")]


def _settle(caches: FilledCaches) -> list[Document]:
    """Carry out the plan on the caches, check that nothing more is wanted, return the slices."""
    for number, step in enumerate(_steps(caches)):
        if isinstance(step, Delete):
            found = caches.of(ENDPOINTSLICES).get(step.key)
            assert found is not None
            caches.remove(found.document)
        else:
            assert isinstance(step, Create | Update)
            count = len(caches.of(ENDPOINTSLICES)) + number
            own = {"name": f"web-{count}", "uid": f"slice-{count}", **step.document["metadata"]}
            caches.put({**step.document, "metadata": own})
    assert _steps(caches) == []
    return [entry.document for entry in caches.of(ENDPOINTSLICES)]


def _endpoints(slices: list[Document]) -> dict[str, Document]:
    return {one["targetRef"]["name"]: one for document in slices for one in document["endpoints"]}


def test_an_endpoint_shows_where_and_how_a_pod_is() -> None:
    node = thing(NODES, "n1", {"labels": {"topology.kubernetes.io/zone": "z"}})
    (document,) = _settle(_caches(_service(), _pod(0), node))
    assert document["endpoints"] == [
        {
            "addresses": ["10.42.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "hostname": "web-0",
            "nodeName": "n1",
            "zone": "z",
            "targetRef": {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": "uid-web-0"},
        }
    ]
    assert document["ports"] == [{"name": "http", "port": 80, "protocol": "TCP"}]
    assert document["addressType"] == "IPv4"


def test_a_slice_says_whose_it_is() -> None:
    (document,) = _settle(_caches(_service(), _pod(0)))
    metadata = document["metadata"]
    assert metadata["generateName"] == "web-"
    assert metadata["labels"] == {
        "team": "x",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "service.kubernetes.io/headless": "",
    }
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Service", "uid-web", True)


def test_conditions() -> None:
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    caches = _caches(_service(), _pod(0, ready=False), _pod(1, **deleted), _pod(2, ready=False, **deleted))
    shown = {name: tuple(one["conditions"].values()) for name, one in _endpoints(_settle(caches)).items()}
    assert shown == {
        "web-0": (False, False, False),
        "web-1": (False, True, True),
        "web-2": (False, False, True),
    }


def test_not_ready_addresses_are_published_on_demand() -> None:
    caches = _caches(_service(publishNotReadyAddresses=True), _pod(0, ready=False))
    conditions = _endpoints(_settle(caches))["web-0"]["conditions"]
    assert conditions == {"ready": True, "serving": False, "terminating": False}


def test_pods_without_address_finished_or_foreign_are_no_endpoints() -> None:
    bare, finished, foreign = _pod(0), _pod(1), _pod(2, labels={"app": "other"})
    bare["status"] = {"phase": "Pending"}
    finished["status"] = {**finished["status"], "phase": "Succeeded"}
    assert _endpoints(_settle(_caches(_service(), bare, finished, foreign, _pod(3)))).keys() == {"web-3"}


def test_a_hostname_needs_the_subdomain_of_this_service() -> None:
    endpoint = _endpoints(_settle(_caches(_service(), _pod(0, spec={"subdomain": "other"}))))["web-0"]
    assert "hostname" not in endpoint


def test_without_endpoints_there_is_a_placeholder_that_is_used_again() -> None:
    caches = _caches(_service())
    (document,) = _settle(caches)
    assert (document["endpoints"], document["ports"]) == ([], [])
    caches.put(_pod(0))
    (step,) = _steps(caches)
    assert isinstance(step, Update)
    (document,) = _settle(caches)
    assert [*_endpoints([document])] == ["web-0"]
    assert document["ports"] != []
    caches.remove(_pod(0))
    (document,) = _settle(caches)
    assert (document["endpoints"], document["ports"]) == ([], [])


def test_at_most_a_hundred_endpoints_a_slice_and_nobody_moves() -> None:
    caches = _caches(_service(), *map(_pod, range(150)))
    slices = _settle(caches)
    assert sorted(len(one["endpoints"]) for one in slices) == [50, 100]
    full = next(one for one in slices if len(one["endpoints"]) == 100)
    caches.remove(_pod(int(full["endpoints"][0]["targetRef"]["name"].removeprefix("web-"))))
    caches.put(_pod(200))
    (step,) = _steps(caches)
    assert isinstance(step, Update)
    assert step.document["metadata"]["name"] == full["metadata"]["name"]
    assert len(_endpoints(_settle(caches))) == 150


def test_emptied_slices_go() -> None:
    caches = _caches(_service(), *map(_pod, range(150)))
    slices = _settle(caches)
    small = min(slices, key=lambda one: len(one["endpoints"]))
    for endpoint in small["endpoints"]:
        caches.remove(_pod(int(endpoint["targetRef"]["name"].removeprefix("web-"))))
    (step,) = _steps(caches)
    assert isinstance(step, Delete)
    assert step.key.name == small["metadata"]["name"]


def test_named_target_ports_may_differ_between_pods() -> None:
    service = _service(ports=[{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "web"}])
    pods = [
        _pod(number, spec={"containers": [{"name": "c", "ports": [{"name": "web", "containerPort": port}]}]})
        for number, port in ((0, 8080), (1, 9090))
    ]
    slices = _settle(_caches(service, *pods))
    assert sorted(one["ports"][0]["port"] for one in slices) == [8080, 9090]


def test_changes_of_the_service_labels_are_taken_over() -> None:
    caches = _caches(_service(), _pod(0))
    _settle(caches)
    service = _service()
    service["metadata"]["labels"] = {"team": "y"}
    caches.put(service)
    (document,) = _settle(caches)
    assert document["metadata"]["labels"]["team"] == "y"


def test_services_without_selector_and_external_names_are_left_alone() -> None:
    assert _caches(_service(selector=None)).decide(WEB) is None
    assert _caches(_service(type="ExternalName")).decide(WEB) is None
    assert _caches().decide(WEB) is None


def test_foreign_slices_are_left_alone() -> None:
    foreign = thing(
        ENDPOINTSLICES, "mine", {"labels": {"kubernetes.io/service-name": "web"}}, addressType="IPv4", endpoints=[]
    )
    steps = _steps(_caches(_service(), foreign))
    assert [type(step) for step in steps] == [Create]


def test_both_families() -> None:
    pod = _pod(0)
    pod["status"]["podIPs"] = [{"ip": "10.42.0.1"}, {"ip": "fd00::1"}]
    slices = _settle(_caches(_service(ipFamilies=["IPv4", "IPv6"]), pod))
    shown = {one["addressType"]: one["endpoints"][0]["addresses"] for one in slices}
    assert shown == {"IPv4": ["10.42.0.1"], "IPv6": ["fd00::1"]}


def test_triggers() -> None:
    caches = _caches(_service())
    assert caches.put(_pod(0)) == {WEB}
    assert caches.put(_pod(0, ready=False)) == {WEB}
    noted = _pod(0, ready=False, annotations={"note": "x"})
    assert caches.put(noted) == set()
    assert caches.put(_pod(0, ready=False, labels={"app": "other"})) == {WEB}
    assert caches.put(_pod(1, labels={"app": "other"})) == set()
    (step,) = _steps(caches)
    assert isinstance(step, Create)
    own = {**step.document["metadata"], "name": "s", "uid": "s"}
    assert caches.put({**step.document, "metadata": own}) == {WEB}

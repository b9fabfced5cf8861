"""Who answers for a Service."""

from typing import Any

import msgspec
import pytest

from moorage.api.views.network import EndpointSlice, Service
from moorage.proxy.balance import ports

PORT = {"name": "web", "protocol": "TCP", "port": 80}


def service(**spec: Any) -> Service:
    whole = {"clusterIP": "10.43.0.7", "ports": [PORT], **spec}
    return msgspec.convert({"metadata": {"name": "s", "namespace": "d"}, "spec": whole}, Service)


def one_slice(*endpoints: dict[str, Any], **more: Any) -> EndpointSlice:
    port = {"name": "web", "protocol": "TCP", "port": 8080}
    return msgspec.convert({"addressType": "IPv4", "endpoints": endpoints, "ports": [port], **more}, EndpointSlice)


def endpoint(address: str, **conditions: bool) -> dict[str, Any]:
    return {"addresses": [address], "conditions": conditions}


def test_ready_endpoints_of_all_slices_answer() -> None:
    slices = [
        one_slice(endpoint("10.42.0.9", ready=True), endpoint("10.42.0.8")),
        one_slice(endpoint("10.42.0.7", ready=False)),
    ]
    (port,) = ports(service(), slices)
    assert port == ("d/s:web", "tcp", ("10.43.0.7",), 80, 0, False, (("10.42.0.8", 8080), ("10.42.0.9", 8080)))


@pytest.mark.parametrize(
    ("others", "answers"),
    [
        ([endpoint("10.42.0.8", ready=True)], "10.42.0.8"),
        ([endpoint("10.42.0.8", ready=False)], "10.42.0.9"),
    ],
)
def test_what_ends_but_serves_answers_only_where_nothing_is_ready(others: list[dict[str, Any]], answers: str) -> None:
    ending = endpoint("10.42.0.9", ready=False, serving=True, terminating=True)
    (port,) = ports(service(), [one_slice(ending, *others)])
    assert port.endpoints == ((answers, 8080),)


def test_ports_meet_by_name_and_protocol() -> None:
    udp = {"name": "web", "protocol": "UDP", "port": 53}
    found = ports(service(ports=[PORT, udp]), [one_slice(endpoint("10.42.0.8"))])
    assert [(port.protocol, len(port.endpoints)) for port in found] == [("tcp", 1), ("udp", 0)]


@pytest.mark.parametrize(
    "spec", [{"clusterIP": "None"}, {"clusterIP": ""}, {"type": "ExternalName", "externalName": "x"}]
)
def test_a_service_without_an_address_has_nothing_to_balance(spec: dict[str, Any]) -> None:
    assert ports(service(**spec), [one_slice(endpoint("10.42.0.8"))]) == []


def test_node_port_external_address_and_affinity_are_carried() -> None:
    spec = {"ports": [{**PORT, "nodePort": 30080}], "externalIPs": ["192.0.2.1"], "sessionAffinity": "ClientIP"}
    (port,) = ports(service(**spec), [])
    assert (port.addresses, port.node_port, port.sticky) == (("10.43.0.7", "192.0.2.1"), 30080, True)


def test_other_address_families_are_left_alone() -> None:
    (port,) = ports(service(), [one_slice(endpoint("fd00::1"), addressType="IPv6")])
    assert port.endpoints == ()

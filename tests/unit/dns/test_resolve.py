"""Every row of the DNS specification's table, asked through bytes and read by a second decoder."""

import pytest

from moorage.api.refs import ObjectKey
from moorage.base.system import SystemClock, SystemIds
from moorage.dns.forward import Forwarder
from moorage.dns.message import Query
from moorage.dns.server import DnsServer
from moorage.dns.zone import Zone
from tests.unit.dns.wire import Answer, question, read
from tests.unit.dns.worlds import HEADLESS, KEY, pods, service, zone

A, CNAME, PTR, TXT, AAAA, SRV = 1, 5, 12, 16, 28, 33
BASE = "web.default.svc.cluster.local"
CLUSTER_IP = {
    "metadata": {"name": "db", "namespace": "prod"},
    "spec": {"clusterIP": "10.43.0.7", "clusterIPs": ["10.43.0.7"], "ports": [{"name": "pg", "port": 5432}]},
}
EXTERNAL = {
    "metadata": {"name": "out", "namespace": "prod"},
    "spec": {"type": "ExternalName", "externalName": "db.example.com"},
}


def ask(made: Zone, name: str, kind: int, *, edns: int = 0, tcp: bool = False) -> Answer:
    server = DnsServer(made, Forwarder([], SystemIds()), SystemClock())
    answer = server.answer_now(question(name, kind, edns=edns), tcp=tcp)
    assert isinstance(answer, bytes)
    return read(answer)


def data(answer: Answer) -> list[str]:
    return sorted(text for _, _, text in answer.sections[0])


def test_a_headless_service_is_its_ready_pods() -> None:
    assert data(ask(zone(), BASE, A)) == ["10.42.0.1", "10.42.0.2"]


def test_each_pod_has_its_own_name_whatever_the_case() -> None:
    assert data(ask(zone(), f"WEB-1.{BASE}".upper(), A)) == ["10.42.0.2"]


def test_srv_has_one_target_a_pod_and_their_addresses() -> None:
    answer = ask(zone(), f"_http._tcp.{BASE}", SRV)
    assert data(answer) == [f"0 50 80 web-0.{BASE}", f"0 50 80 web-1.{BASE}"]
    assert sorted(text for _, _, text in answer.sections[2]) == ["10.42.0.1", "10.42.0.2"]


def test_addresses_lead_back_to_names() -> None:
    assert data(ask(zone(), "2.0.42.10.in-addr.arpa", PTR)) == [f"web-1.{BASE}"]


def test_a_cluster_ip_has_one_address_one_srv_one_ptr() -> None:
    made = Zone("cluster.local")
    made.replace(ObjectKey("prod", "db"), service(CLUSTER_IP), [])
    assert data(ask(made, "db.prod.svc.cluster.local", A)) == ["10.43.0.7"]
    assert data(ask(made, "_pg._tcp.db.prod.svc.cluster.local", SRV)) == ["0 100 5432 db.prod.svc.cluster.local"]
    assert data(ask(made, "7.0.43.10.in-addr.arpa", PTR)) == ["db.prod.svc.cluster.local"]


def test_an_external_name_is_an_alias() -> None:
    made = Zone("cluster.local")
    made.replace(ObjectKey("prod", "out"), service(EXTERNAL), [])
    assert data(ask(made, "out.prod.svc.cluster.local", A)) == ["db.example.com"]


def test_the_version_record() -> None:
    assert data(ask(zone(), "dns-version.cluster.local", TXT)) == ["1.1.0"]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        (f"web-9.{BASE}", A, 3),
        ("nosuch.default.svc.cluster.local", A, 3),
        (BASE, AAAA, 0),
        ("default.svc.cluster.local", A, 0),
        ("cluster.local", A, 0),
        ("example.com", A, 5),
    ],
)
def test_absent_names_and_absent_types_differ(name: str, kind: int, code: int) -> None:
    answer = ask(zone(), name, kind)
    assert (answer.code, answer.sections[0]) == (code, [])


def test_refusals_are_not_remembered() -> None:
    soa = ask(zone(), f"web-9.{BASE}", A).sections[1][0]
    assert soa[2].endswith("00000000")


def test_unready_pods_are_not_published() -> None:
    made = Zone("cluster.local")
    made.replace(KEY, service(HEADLESS), [pods(2, ready=False)])
    assert ask(made, BASE, A).code == 3


def test_a_removed_service_leaves_nothing() -> None:
    made = zone()
    made.replace(KEY, None, [])
    assert (ask(made, BASE, A).code, ask(made, "default.svc.cluster.local", A).code) == (3, 3)
    assert made.keys() == set()


def test_what_does_not_fit_udp_is_marked_and_comes_by_tcp() -> None:
    made = zone(200)
    small, whole = ask(made, BASE, A), ask(made, BASE, A, tcp=True)
    assert small.truncated
    assert 0 < len(data(small)) < 200
    assert (whole.truncated, len(data(whole))) == (False, 200)
    assert len(data(ask(made, BASE, A, edns=4096))) > len(data(small))


def test_other_names_go_to_the_resolver() -> None:
    server = DnsServer(zone(), Forwarder(["127.0.0.1"], SystemIds()), SystemClock())
    assert isinstance(server.answer_now(question("example.com", A), tcp=False), Query)

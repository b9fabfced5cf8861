"""Back-off, probe counters, admission, quality of service, names: the small pure rules."""

import pytest

from moorage.nodeagent import network, probes, quality, restarts
from moorage.nodeagent.admit import admit
from moorage.nodeagent.marks import ContainerMarks
from moorage.nodeagent.podspec import Probe
from moorage.nodeagent.ports import Limits
from moorage.nodeagent.probes import Counter, Kind, Verdict
from moorage.nodeagent.settings import Capacity, HostResolver
from tests.unit.nodeagent.kit import NOW, SETTINGS, exited, pod


def test_the_back_off_doubles_to_five_minutes() -> None:
    delays, owed = [], 0.0
    for _ in range(8):
        next_one = restarts.after(exited(marks=ContainerMarks(restart_delay=owed)))
        delays.append(next_one.waited)
        owed = next_one.delay
    assert delays == [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


def test_ten_good_minutes_forgive() -> None:
    ran = exited(marks=ContainerMarks(restart_delay=160.0), started_at=NOW - 601)
    assert restarts.after(ran) == restarts.Restart(at=NOW, waited=0.0, delay=10.0)


def counted(probe: Probe, kind: Kind, outcomes: str) -> list[bool | None]:
    counter, standing = probes.initial(kind), []
    words = {"s": Verdict.SUCCESS, "f": Verdict.FAILURE, "e": Verdict.ERROR}
    for letter in outcomes:
        counter = probes.count(counter, probe, words[letter])
        standing.append(counter.passing)
    return standing


def test_probe_counters_need_streaks() -> None:
    probe = Probe(success_threshold=2, failure_threshold=3)
    assert counted(probe, Kind.READINESS, "ssffsfff") == [False, True, True, True, True, True, True, False]


def test_an_error_counts_as_nothing() -> None:
    assert counted(Probe(failure_threshold=2), Kind.LIVENESS, "fef") == [True, True, False]


def test_nothing_is_ready_before_it_started() -> None:
    one = pod(containers=[{"name": "web", "image": "i", "startupProbe": {}, "readinessProbe": {}}])
    counters = {Kind.READINESS: Counter(passing=True)}
    assert probes.results(one.spec.containers[0], counters).ready is False
    counters[Kind.STARTUP] = Counter(passing=True)
    assert probes.results(one.spec.containers[0], counters).ready is True


SMALL = Capacity(cpu_millis=1000, memory_bytes=1 << 30, storage_bytes=0, pods=2)


def test_a_pod_that_does_not_fit_is_refused_with_the_numbers() -> None:
    one, other = pod(**_requests("600m")), pod("b", **_requests("500m"))
    failure = admit(one, [other], SMALL, {})
    assert failure is not None
    assert failure.reason == "OutOfcpu"
    text = "Pod was rejected: Node didn't have enough resource: cpu, requested: 600, used: 500, capacity: 1000"
    assert failure.message == text
    assert admit(one, [], SMALL, {}) is None


def _requests(cpu: str) -> dict[str, object]:
    return {"containers": [{"name": "web", "image": "i", "resources": {"requests": {"cpu": cpu}}}]}


def test_a_node_takes_no_more_pods_than_it_has_room_for() -> None:
    failure = admit(pod(), [pod("a"), pod("b")], SMALL, {})
    assert failure is not None
    assert failure.reason == "OutOfpods"


def test_two_pods_do_not_share_a_host_port() -> None:
    ports = {"containers": [{"name": "web", "image": "i", "ports": [{"containerPort": 80, "hostPort": 8080}]}]}
    failure = admit(pod(**ports), [pod("b", **ports)], SETTINGS.capacity, {})
    assert failure is not None
    assert failure.reason == "NodePorts"


@pytest.mark.parametrize(
    ("resources", "kind"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}, "Burstable"),
    ],
)
def test_quality_of_service(resources: dict[str, object], kind: str) -> None:
    assert quality.qos_class(pod(containers=[{"name": "web", "image": "i", "resources": resources}])) == kind


def test_limits_of_a_container() -> None:
    resources = {"requests": {"cpu": "250m", "memory": "2Gi"}, "limits": {"cpu": "500m", "memory": "4Gi"}}
    one = pod(containers=[{"name": "web", "image": "i", "resources": resources}])
    assert quality.container_limits(one, one.spec.containers[0], 8 << 30) == Limits(
        cpu_shares=256, cpu_quota=50_000, memory_bytes=4 << 30, oom_score_adj=750
    )


def test_the_hosts_file_names_the_pod_in_full_with_a_subdomain() -> None:
    text = network.hosts_file(pod(subdomain="db"), ["10.42.0.2"], "cluster.local")
    assert text.startswith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
    assert text.endswith("10.42.0.2\tweb-0.db.default.svc.cluster.local\tweb-0\n")
    assert network.hosts_file(pod(), ["10.42.0.2"], "cluster.local").endswith("10.42.0.2\tweb-0\n")


def test_host_aliases_are_added() -> None:
    text = network.hosts_file(pod(hostAliases=[{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]), [], "cluster.local")
    assert text.endswith("\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n")


def test_cluster_first_asks_the_cluster_and_searches_its_namespace() -> None:
    found = network.resolver(pod(), SETTINGS)
    searches = ("default.svc.cluster.local", "svc.cluster.local", "cluster.local")
    assert found == HostResolver(("10.43.0.10",), searches, ("ndots:5",))


def test_dns_config_adds_to_the_policy() -> None:
    config = {"nameservers": ["9.9.9.9"], "searches": ["x"], "options": [{"name": "ndots", "value": "2"}]}
    found = network.resolver(pod(dnsPolicy="None", dnsConfig=config), SETTINGS)
    assert found == HostResolver(("9.9.9.9",), ("x",), ("ndots:2",))
    assert network.resolver(pod(dnsPolicy="Default"), SETTINGS) == SETTINGS.resolver


def test_resolv_conf_is_read() -> None:
    text = "# c\nnameserver 1.1.1.1\nsearch a. b\noptions ndots:1 rotate\n"
    assert network.parse_resolv_conf(text) == HostResolver(("1.1.1.1",), ("a", "b"), ("ndots:1", "rotate"))

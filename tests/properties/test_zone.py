"""The law of the DNS zone: whatever changes led here, it answers as one made from the last state alone."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.views.network import EndpointSlice, Service
from moorage.dns.names import Name
from moorage.dns.zone import Zone
from tests.unit.dns.worlds import HEADLESS, KEY, service

CLUSTER_IP = {**HEADLESS, "spec": {"clusterIP": "10.43.0.7", "ports": [{"port": 80, "name": "http"}]}}
PODS = st.fixed_dictionaries({"number": st.integers(0, 4), "ready": st.booleans(), "named": st.booleans()})
PORTS = st.sampled_from([[], [{"port": 80}], [{"name": "http", "port": 80}], [{"name": "http", "port": 81}]])
SLICES = st.dictionaries(st.sampled_from("ab"), st.tuples(PORTS, st.lists(PODS, max_size=4)))
STATES = st.tuples(st.sampled_from([HEADLESS, HEADLESS, CLUSTER_IP, None]), SLICES)
DOMAIN = ("svc", "cluster", "local")
NAMES: list[Name] = [
    ("web", "default", *DOMAIN), ("default", *DOMAIN), ("_http", "_tcp", "web", "default", *DOMAIN),
    *((host, "web", "default", *DOMAIN) for number in range(5) for host in (f"web-{number}", f"10-42-0-{number}")),
    *((str(number), "0", "42", "10", "in-addr", "arpa") for number in range(5)), ("7", "0", "43", "10", "in-addr", "arpa"),
]  # fmt: skip


def _slice(name: str, ports: list[dict[str, object]], pods: list[dict[str, int]]) -> EndpointSlice:
    endpoints = [
        {
            "addresses": [f"10.42.0.{pod['number']}"],
            "conditions": {"ready": pod["ready"]},
            **({"hostname": f"web-{pod['number']}"} if pod["named"] else {}),
        }
        for pod in pods
    ]
    document = {"metadata": {"name": name}, "addressType": "IPv4", "ports": ports, "endpoints": endpoints}
    return msgspec.convert(document, EndpointSlice)


def _answers(zone: Zone) -> list[tuple[bool, set[object]]]:
    return [(zone.exists(name), set(zone.find(name))) for name in NAMES]


@given(st.lists(STATES, min_size=1, max_size=5))
def test_a_zone_that_changed_is_as_one_made_anew(
    states: list[tuple[dict[str, object] | None, dict[str, tuple]]],
) -> None:
    changed = Zone("cluster.local")
    known: dict[str, tuple[object, EndpointSlice]] = {}
    last: tuple[Service | None, list[EndpointSlice]] = (None, [])
    for document, slices in states:
        # As a cache does: a slice that has not changed is the same view as before.
        known = {
            name: known[name] if name in known and known[name][0] == content else (content, _slice(name, *content))
            for name, content in slices.items()
        }
        last = (service(document) if document else None, [one for _, one in known.values()])
        changed.replace(KEY, *last)
    anew = Zone("cluster.local")
    anew.replace(KEY, *last)
    assert _answers(changed) == _answers(anew)

"""Routes and rules of the pod network."""

import shlex
from pathlib import Path

from moorage.nodeagent.cri.layout import Layout, Settings, node_networks
from moorage.nodeagent.cri.network import hardware_address, ip_batch, portmap_removals, ruleset, table_name

SETTINGS = Settings(Path("/srv/x"), node_networks(["a", "b"], "10.42.0.0/16"), service_addresses=("10.43.0.10",))
LAYOUT = Layout(Path("/srv/x"))


def test_both_ranges_end_on_this_machine() -> None:
    lines = ip_batch(SETTINGS, LAYOUT).splitlines()
    routes = [line for line in lines if line.startswith("route replace unreachable ")]
    assert [line.split()[3] for line in routes] == ["10.42.0.0/16", "10.43.0.0/16"]
    assert all(f"metric {LAYOUT.route_metric}" in line for line in routes)
    assert lines[-1] == f"route replace 10.43.0.0/16 dev {LAYOUT.bridge(SETTINGS.nodes[0])} src 10.42.0.1 protocol 109"


def test_bridges_hold_the_gateways_and_the_first_the_service_addresses() -> None:
    first, second = (LAYOUT.bridge(node) for node in SETTINGS.nodes)
    addresses = [line for line in ip_batch(SETTINGS, LAYOUT).splitlines() if line.startswith("address")]
    assert addresses == [
        f"address replace 10.42.0.1/24 dev {first}",
        f"address replace 10.42.1.1/24 dev {second}",
        f"address replace 10.43.0.10/32 dev {first}",
    ]


def test_only_what_leaves_the_cluster_is_masqueraded() -> None:
    text = ruleset(SETTINGS, LAYOUT)
    assert "ip saddr 10.42.0.0/16 ip daddr != { 10.42.0.0/16, 10.43.0.0/16, 224.0.0.0/4 }" in text
    assert text.count("masquerade") == 1
    assert f"delete table ip {table_name(LAYOUT)}\n" in text


def test_bridges_have_fixed_local_unicast_addresses() -> None:
    addresses = {hardware_address(LAYOUT, node) for node in SETTINGS.nodes}
    assert len(addresses) == 2
    assert all(int(address[:2], 16) & 0b11 == 0b10 for address in addresses)


def nat_rules(*tags: str) -> list[list[str]]:
    """Return what `iptables -S` says with one host port in each of these clusters."""
    names = ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "CNI-HOSTPORT-SETMARK", *(f"CNI-DN-{tag}" for tag in tags)]
    jumps = [
        f'-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment \'dnat name: "mo{tag}-0" id: "x"\' -j CNI-DN-{tag}'
        for tag in tags
    ]
    lines = [
        *("-P PREROUTING ACCEPT", "-N USER"),
        *(f"-N {name}" for name in names),
        *("-A PREROUTING -j USER", "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT"),
        *jumps,
        *(f"-A CNI-DN-{tag} -p tcp -j CNI-HOSTPORT-SETMARK" for tag in tags),
    ]
    return [shlex.split(line) for line in lines]


def test_another_clusters_host_ports_stay() -> None:
    removals = portmap_removals(nat_rules(LAYOUT.tag, "other"), LAYOUT)
    assert [(words[0], words[1]) for words in removals] == [
        ("-D", "CNI-HOSTPORT-DNAT"),
        ("-F", f"CNI-DN-{LAYOUT.tag}"),
        ("-X", f"CNI-DN-{LAYOUT.tag}"),
    ]


def test_with_the_last_host_port_the_shared_chains_go() -> None:
    for rules in (nat_rules(LAYOUT.tag), nat_rules()):
        removals = portmap_removals(rules, LAYOUT)
        removed = {words[1] for words in removals if words[0] == "-X"}
        assert removed == {words[1] for words in rules if words[0] == "-N" and words[1] != "USER"}
        assert ["-D", "PREROUTING", "-m", "addrtype", "--dst-type", "LOCAL", "-j", "CNI-HOSTPORT-DNAT"] in removals
        assert not any("USER" in words for words in removals)


def test_a_machine_without_host_ports_needs_nothing() -> None:
    assert portmap_removals([["-P", "PREROUTING", "ACCEPT"]], LAYOUT) == []

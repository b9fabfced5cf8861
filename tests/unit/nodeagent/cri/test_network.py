"""Routes and rules of the pod network."""

from pathlib import Path

from moorage.nodeagent.cri.layout import Layout, Settings, node_networks
from moorage.nodeagent.cri.network import hardware_address, ip_batch, ruleset, table_name

SETTINGS = Settings(Path("/srv/x"), node_networks(["a", "b"], "10.42.0.0/16"), service_addresses=("10.43.0.10",))
LAYOUT = Layout(Path("/srv/x"))


def test_both_ranges_end_on_this_machine() -> None:
    routes = [line for line in ip_batch(SETTINGS, LAYOUT).splitlines() if line.startswith("route")]
    assert [line.split()[3] for line in routes] == ["10.42.0.0/16", "10.43.0.0/16"]
    assert all(line.startswith("route replace unreachable ") for line in routes)
    assert all(f"metric {LAYOUT.route_metric}" in line for line in routes)


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

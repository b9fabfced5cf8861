"""The texts containerd and the CNI plugins read."""

import json
import tomllib
from pathlib import Path

from moorage.nodeagent.cri.config import conflist, containerd_config, hosts_toml
from moorage.nodeagent.cri.layout import PAUSE_IMAGE, Layout, Settings, node_networks

HOME = Path("/srv/my cluster")
SETTINGS = Settings(HOME, node_networks(["a", "b"], "10.42.0.0/16"))
LAYOUT = Layout(HOME)
CRI = "io.containerd.grpc.v1.cri"


def test_everything_of_containerd_is_below_the_data_directory() -> None:
    config = tomllib.loads(containerd_config(SETTINGS, LAYOUT))
    cri = config["plugins"][CRI]
    places = [
        config["root"],
        config["state"],
        config["grpc"]["address"],
        cri["cni"]["conf_dir"],
        cri["registry"]["config_path"],
        cri["containerd"]["runtimes"]["runc"]["options"]["Root"],
    ]
    assert [place for place in places if not place.startswith("/srv/my cluster/")] == []
    assert cri["netns_mounts_under_state_dir"] is True


def test_the_pitfalls_of_a_plain_machine_are_avoided() -> None:
    cri = tomllib.loads(containerd_config(SETTINGS, LAYOUT))["plugins"][CRI]
    assert cri["restrict_oom_score_adj"] is True
    assert cri["disable_apparmor"] is True
    assert cri["sandbox_image"] == PAUSE_IMAGE
    assert cri["stream_server_address"] == "127.0.0.1"


def test_each_node_has_its_own_handler_and_network() -> None:
    cri = tomllib.loads(containerd_config(SETTINGS, LAYOUT))["plugins"][CRI]
    folders = [cri["containerd"]["runtimes"][f"moorage-{index}"]["cni_conf_dir"] for index in (0, 1)]
    assert folders == [str(LAYOUT.cni_dir(node)) for node in SETTINGS.nodes]
    first, second = (json.loads(conflist(SETTINGS, LAYOUT, node)) for node in SETTINGS.nodes)
    assert first["plugins"][0]["bridge"] != second["plugins"][0]["bridge"]
    assert second["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.42.1.0/24", "gateway": "10.42.1.1"}]]
    assert first["plugins"][0]["ipMasq"] is False
    assert first["plugins"][1]["capabilities"] == {"portMappings": True}


def test_a_mirror_answers_for_every_host_and_nothing_falls_back() -> None:
    rule = tomllib.loads(hosts_toml("http://127.0.0.1:5000"))
    assert rule["server"] == "http://127.0.0.1:5000"
    assert list(rule["host"]) == ["http://127.0.0.1:5000"]


def test_two_data_directories_share_no_name() -> None:
    one, other = Layout(Path("/srv/one")), Layout(Path("/srv/two"))
    node = SETTINGS.nodes[0]
    assert one.bridge(node) != other.bridge(node)
    assert one.cgroup_root != other.cgroup_root
    assert one.route_metric != other.route_metric
    assert len(one.bridge(node)) <= 15


def test_nodes_get_ranges_in_order() -> None:
    networks = node_networks(["a", "b", "c"], "10.42.0.0/16")
    assert [(one.name, one.pod_cidr, one.gateway) for one in networks][::2] == [
        ("a", "10.42.0.0/24", "10.42.0.1"),
        ("c", "10.42.2.0/24", "10.42.2.1"),
    ]

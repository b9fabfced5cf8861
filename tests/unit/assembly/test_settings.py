"""Settings refuse what cannot work, with a line that says what to do."""

from pathlib import Path
from typing import Any

import pytest

from moorage.assembly.settings import Settings
from moorage.base.errors import UsageError


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"runtime": "docker"}, "--runtime must be one of containerd, sim, none"),
        ({"port": 70000}, "--port must be between 0 and 65535"),
        ({"statefulset_rules": "1.29"}, "--statefulset-rules must be one of newest, 1.28, not '1.29'"),
        ({"nodes": -1}, "--nodes must be between 0 and 64"),
        ({"mirror": "localhost:5000"}, "--mirror must be a URL"),
        ({"pod_cidr": "10.42.0.0/33"}, "--pod-cidr must be an IPv4 network"),
        ({"pod_cidr": "10.42.0.0/28"}, "is too small"),
        ({"pod_cidr": "10.43.0.0/24"}, "overlaps --service-cidr"),
    ],
)
def test_refuses(change: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Settings(Path("data"), **change)


def test_addresses_follow_from_the_networks() -> None:
    settings = Settings(Path("data"))
    assert (settings.api_service_ip, settings.cluster_dns) == ("10.43.0.1", "10.43.0.10")
    assert settings.node_pod_cidr(2) == "10.42.2.0/24"


def test_no_agents_without_a_runtime() -> None:
    assert Settings(Path("data"), runtime="none", nodes=3).node_names() == []
    assert Settings(Path("data"), runtime="sim", nodes=2).node_names() == ["node-0", "node-1"]


def test_json_round_trip() -> None:
    settings = Settings(Path("data"), port=0, mirror="http://127.0.0.1:5000")
    assert Settings.from_json(settings.to_json()) == settings

"""The text for the kernel, and that the kernel's own program takes it."""

import os
import shutil
import subprocess

import pytest

from moorage.proxy.balance import Port
from moorage.proxy.ruleset import ruleset

WEB, NAMES = ("10.42.0.8", 8080), ("10.42.0.8", 53)
ONE = Port("d/web:80", "tcp", ("10.43.0.7", "192.0.2.1"), 80, 30080, sticky=False, endpoints=(WEB, ("10.42.0.9", 8080)))
STICKY = Port("d/names:53", "udp", ("10.43.0.8",), 53, 0, sticky=True, endpoints=(NAMES,))
EMPTY = Port("d/none:80", "tcp", ("10.43.0.9",), 80, 0, sticky=False, endpoints=())


def text(*ports: Port) -> str:
    return ruleset("moorage-test-services", "10.43.0.0/16", ports)


def test_each_address_and_the_node_port_lead_to_the_endpoints() -> None:
    found = text(ONE)
    assert "10.43.0.7 . tcp . 80 : goto port-0" in found
    assert "192.0.2.1 . tcp . 80 : goto port-0" in found
    assert "tcp . 30080 : goto port-0" in found
    assert "dnat to numgen random mod 2 map { 0 : 10.42.0.8 . 8080, 1 : 10.42.0.9 . 8080 }" in found


def test_affinity_chooses_by_the_clients_address() -> None:
    assert "udp dnat to jhash ip saddr mod 1 map { 0 : 10.42.0.8 . 53 }" in text(STICKY)


def test_a_port_nobody_serves_leads_nowhere_and_is_refused() -> None:
    found = text(EMPTY)
    assert "10.43.0.9" not in found
    assert "ip daddr 10.43.0.0/16 fib daddr type != local meta l4proto tcp reject with tcp reset" in found


def test_a_pod_that_reaches_itself_is_masqueraded() -> None:
    assert "elements = { 10.42.0.8 . 10.42.0.8, 10.42.0.9 . 10.42.0.9 }" in text(ONE, STICKY)


@pytest.mark.parametrize("ports", [(), (ONE,), (ONE, STICKY, EMPTY)], ids=["none", "one", "three"])
def test_nft_takes_it(ports: tuple[Port, ...]) -> None:
    nft = shutil.which("nft", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nft is None or os.geteuid() != 0:
        pytest.skip("RULESET NOT CHECKED BY nft: needs root and nftables")
    done = subprocess.run([nft, "-c", "-f", "-"], input=text(*ports), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

"""What a machine lacks, and how it is said."""

from dataclasses import replace

import pytest

from moorage.nodeagent.cri.prerequisites import CONTROLLERS, PLUGINS, PROGRAMS, Machine, missing

WHOLE = Machine(
    system="Linux",
    architecture="x86_64",
    user_id=0,
    capabilities=(1 << 41) - 1,
    programs=frozenset(PROGRAMS),
    plugins=frozenset(PLUGINS),
    controllers=frozenset(CONTROLLERS),
)


def test_a_whole_machine_lacks_nothing() -> None:
    assert missing(WHOLE) == []


@pytest.mark.parametrize(
    ("machine", "line"),
    [
        (replace(WHOLE, system="Darwin"), "real containers need Linux; this is Darwin"),
        (replace(WHOLE, architecture="aarch64"), "real containers need an x86-64 machine so far; this is aarch64"),
        (replace(WHOLE, user_id=1000), "not root: run as root, e.g. with sudo"),
        (
            replace(WHOLE, capabilities=WHOLE.capabilities & ~(1 << 21)),
            "root lacks CAP_SYS_ADMIN: run outside a restricted container",
        ),
        (
            replace(WHOLE, programs=WHOLE.programs - {"runc"}),
            "runc is not installed: apt-get install runc",
        ),
        (
            replace(WHOLE, plugins=frozenset({"loopback", "portmap"})),
            "CNI plugins missing in /usr/lib/cni: bridge, host-local: apt-get install containernetworking-plugins",
        ),
        (
            replace(WHOLE, controllers=frozenset({"cpu", "memory"})),
            "cgroup controller pids is not available: mount cgroups with it",
        ),
    ],
)
def test_each_lack_is_one_line_that_says_what_to_do(machine: Machine, line: str) -> None:
    assert missing(machine) == [line]

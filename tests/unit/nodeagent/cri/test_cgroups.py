"""Pod cgroups, on a made-up tree of folders."""

from pathlib import Path

import pytest

from moorage.nodeagent.cri.cgroups import Hierarchy, PodCgroups, hierarchies, writes
from moorage.nodeagent.ports import Limits

LIMITS = Limits(cpu_shares=1024, cpu_quota=50_000, memory_bytes=1024, pids=10)
HYBRID = """tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup2 /no/such/unified cgroup2 rw 0 0
"""


def test_both_versions_are_found_in_the_mounts() -> None:
    split, unified = hierarchies(HYBRID)
    assert {"cpu", "cpuacct"} <= split.controllers
    assert (split.unified, unified.unified) == (False, True)
    assert unified.controllers == frozenset()


@pytest.mark.parametrize(
    ("controllers", "version", "expected"),
    [
        ({"memory"}, 1, [("memory.limit_in_bytes", "1024")]),
        ({"pids"}, 1, [("pids.max", "10")]),
        (
            {"cpu"},
            1,
            [("cpu.shares", "1024"), ("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "50000")],
        ),
        ({"cpu", "memory"}, 2, [("memory.max", "1024"), ("cpu.weight", "39"), ("cpu.max", "50000 100000")]),
        ({"freezer"}, 1, []),
    ],
)
def test_each_tree_gets_its_own_files(
    controllers: set[str],
    version: int,
    expected: list[tuple[str, str]],
) -> None:
    assert writes(LIMITS, Hierarchy(Path("/"), frozenset(controllers), unified=version == 2)) == expected


def test_made_and_removed_only_below_the_own_root(tmp_path: Path) -> None:
    cgroups = PodCgroups("/moorage-1", [Hierarchy(tmp_path, frozenset({"pids"}), unified=False)])
    (tmp_path / "others").mkdir()
    path = cgroups.path("/kubepods/pod1")
    cgroups.make(path, LIMITS)
    limit = tmp_path / "moorage-1/kubepods/pod1/pids.max"
    assert limit.read_text() == "10"
    limit.unlink()  # the kernel's files vanish with their folder; on a plain disk we do it
    for outside in ("", "/", "/others", "/moorage-10"):
        cgroups.remove(outside)
    assert (tmp_path / "others").is_dir()
    assert cgroups.present() == [tmp_path / "moorage-1"]
    cgroups.remove_all()
    assert cgroups.present() == []

"""What of a cluster is still on the machine, and its forced removal.

In: `Layout` and the `HostRecord` of the time before. Out: one line per thing; `moor demo` fails
on any, `moor down` cleans first.
"""

import os
import signal
from pathlib import Path

from moorage.base.errors import RuntimeFailure
from moorage.base.ports import Clock
from moorage.nodeagent.cri import hostrecord, network, process
from moorage.nodeagent.cri.cgroups import PodCgroups, hierarchies
from moorage.nodeagent.cri.commands import run
from moorage.nodeagent.cri.hostrecord import HostRecord
from moorage.nodeagent.cri.layout import Layout

MOUNTS = Path("/proc/self/mounts")
KILL_SECONDS = 5.0
"""How long killed processes may take to vanish."""
POLL_SECONDS = 0.02


def processes(layout: Layout) -> dict[int, str]:
    """Return containerd, its shims and everything in the cluster's cgroups: command line by process id."""
    lines = process.command_lines()
    mine = {pid for pid, line in lines.items() if f" {layout.socket} " in line or f" {layout.config} " in f"{line} "}
    mine |= set(PodCgroups(layout.cgroup_root, hierarchies()).processes())
    return {pid: lines.get(pid, "") for pid in sorted(mine) if process.identify(pid)}


def mounts(layout: Layout) -> list[str]:
    """Return mount points below the data directory, deepest last-mounted first."""
    # Blanks in paths are written in octal (proc(5)).
    points = [line.split(" ")[1].encode().decode("unicode_escape") for line in MOUNTS.read_text().splitlines()]
    return [point for point in reversed(points) if point.startswith(f"{layout.data_dir}/")]


async def leftovers(layout: Layout, before: HostRecord | None = None) -> list[str]:
    """Return what is still there of a cluster that should be gone.

    Args:
        layout: of the cluster.
        before: the machine before it started; without it, only what carries the cluster's name is found.
    """
    now = await hostrecord.look()
    found = [f"process {pid}: {line.strip()[:100]}" for pid, line in processes(layout).items()]
    found += [f"mount {point}" for point in mounts(layout)]
    found += [f"bridge {name}" for name in network.bridges(layout)]
    found += [f"route unreachable {destination}" for destination in await network.routes(layout)]
    found += [f"cgroup {place}" for place in PodCgroups(layout.cgroup_root, hierarchies()).present()]
    found += [
        f"nft table {name}"
        for name in now.tables
        if name in (f"ip {network.table_name(layout)}", f"ip {network.services_table(layout)}")
    ]
    if before:
        found += [f"file {path}" for path in hostrecord.new_files(before, now, layout)]
        # What every cluster shares can only be judged once the last is gone.
        found += [] if network.other_clusters(layout) else _shared(before, now)
    return found


async def sweep(layout: Layout, clock: Clock) -> None:
    """End and unmount by force what an orderly stop has left: after a crash, or when containerd cannot start."""
    until = clock.monotonic() + KILL_SECONDS
    while (alive := processes(layout)) and clock.monotonic() < until:
        for pid in alive:
            _kill(pid)
        await clock.sleep(POLL_SECONDS)
    for point in mounts(layout):
        try:
            await run("umount", point)
        except RuntimeFailure:
            await run("umount", "--lazy", point)
    PodCgroups(layout.cgroup_root, hierarchies()).remove_all()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _shared(before: HostRecord, now: HostRecord) -> list[str]:
    changed = [path for path, value in before.sysctls.items() if now.sysctls.get(path) != value]
    return [
        *(f"nft table {name}" for name in sorted(now.tables - before.tables)),
        *(f"iptables chain {name}" for name in sorted(now.chains - before.chains)),
        *(f"kernel setting {path} is {now.sysctls.get(path)}, was {before.sysctls[path]}" for path in changed),
    ]

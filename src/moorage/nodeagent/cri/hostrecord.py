"""What the machine was like before the first pod, so that the end can be compared with it and put back.

In: a look at the machine. Out: a file in the data directory, written once per cluster life.
"""

import json
import socket
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from moorage.nodeagent.cri import network
from moorage.nodeagent.cri.layout import Layout

IPTABLES_LOCK = Path("/run/xtables.lock")
# Places outside the data directory that containerd, runc and the CNI plugins use whatever their configuration says:
# shim sockets, libcni's results. The rest is listed so that a change of theirs would be noticed.
PLACES = (
    *("/run/containerd", "/run/runc", "/run/netns", "/run/cni", str(IPTABLES_LOCK)),
    *("/var/lib/cni", "/var/lib/containerd", "/opt/containerd", "/opt/cni", "/etc/cni", "/etc/containerd"),
)
DEEPEST = 4
"""Folders of a place that are looked into."""


@dataclass(frozen=True, slots=True)
class HostRecord:
    """The machine at one moment.

    Args:
        sysctls: value by path, of `network.SYSCTLS`.
        files: every path below `PLACES`.
        tables: nftables tables.
        chains: portmap's iptables chains.
    """

    sysctls: dict[str, str]
    files: frozenset[str]
    tables: frozenset[str]
    chains: frozenset[str]

    def save(self, file: Path) -> None:
        """Write to a file."""
        document = asdict(self) | {name: sorted(getattr(self, name)) for name in ("files", "tables", "chains")}
        temporary = file.with_suffix(".new")
        temporary.write_text(json.dumps(document))
        temporary.replace(file)


def load(file: Path) -> HostRecord | None:
    """Return the record a file holds, None where there is none."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return HostRecord(
        found["sysctls"], frozenset(found["files"]), frozenset(found["tables"]), frozenset(found["chains"])
    )


async def look() -> HostRecord:
    """Return the machine as it is now."""
    return HostRecord(
        sysctls=_sysctls(),
        files=_files(),
        tables=frozenset(await network.tables()),
        chains=frozenset(await network.portmap_chains()),
    )


async def keep(layout: Layout) -> HostRecord:
    """Return the record of this cluster, made now if it is the first time."""
    record = load(layout.record)
    if record is None:
        record = await look()
        if network.other_clusters(layout):
            # Settings are no longer as the machine had them; putting these back would keep the other's change for ever.
            record = replace(record, sysctls={})
        record.save(layout.record)
    return record


async def restore(record: HostRecord, layout: Layout) -> None:
    """Put back settings and remove what was made and is of no use to anybody now. Another cluster's needs go first."""
    now = await look()
    for path in sorted(new_files(record, now, layout), reverse=True):
        _remove(Path(path), layout)
    if not network.other_clusters(layout):
        for setting, value in record.sysctls.items():
            network.write_sysctl(setting, value)
        await network.remove_empty_tables(now.tables - record.tables)


def new_files(before: HostRecord, now: HostRecord, layout: Layout) -> list[str]:
    """Return the paths outside the data directory that have come since and are ours.

    Where another cluster runs, that is what names our data directory; else everything but sockets somebody answers.
    """
    come = sorted(now.files - before.files)
    if network.other_clusters(layout):
        return [path for path in come if _names(Path(path), str(layout.data_dir))]
    return [path for path in come if not _answered(Path(path))]


def _sysctls() -> dict[str, str]:
    return {path: Path(path).read_text().strip() for path in network.SYSCTLS if Path(path).exists()}


def _files() -> frozenset[str]:
    return frozenset(str(path) for place in PLACES for path in _below(Path(place), DEEPEST))


def _below(place: Path, depth: int) -> list[Path]:
    if not place.exists():
        return []
    if depth == 0 or not place.is_dir() or place.is_symlink():
        return [place]
    return [place, *(path for child in place.iterdir() for path in _below(child, depth - 1))]


def _names(path: Path, text: str) -> bool:
    try:
        return path.is_file() and f"{text}/".encode() in path.read_bytes()
    except OSError:
        return False


def _answered(path: Path) -> bool:
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _remove(path: Path, layout: Layout) -> None:
    # A file that somebody else brought meanwhile stays, whatever it is.
    ours = path.is_socket() or path == IPTABLES_LOCK or _names(path, str(layout.data_dir))
    try:
        if path.is_dir():
            path.rmdir()
        elif ours:
            path.unlink()
    except OSError:
        # Not empty or already gone; `leftovers` tells if it matters.
        return

"""What this machine is and has, as a Node tells it.

In: /proc, /sys, /etc. Out: `Capacity`, `Machine`, `HostResolver` for an agent. A missing file means an unknown value,
never a failure.
"""

import os
import platform
import shutil
from pathlib import Path

from moorage.nodeagent.settings import Capacity, HostResolver, Machine

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def capacity(data_dir: Path) -> Capacity:
    """Return what a node on this machine offers; its disk is the one that holds `data_dir`."""
    return Capacity((os.cpu_count() or 1) * 1000, _memory_bytes(), shutil.disk_usage(data_dir).total)


def machine() -> Machine:
    """Return `status.nodeInfo`."""
    return Machine(
        _first_line("/etc/machine-id"),
        _first_line("/sys/class/dmi/id/product_uuid"),
        _first_line("/proc/sys/kernel/random/boot_id"),
        platform.release(),
        _os_name(),
        platform.system().lower(),
        _ARCHITECTURES.get(platform.machine(), platform.machine()),
    )


def resolver() -> HostResolver:
    """Return this machine's resolv.conf(5)."""
    words = [line.split() for line in _lines("/etc/resolv.conf")]
    found = {key: tuple(word for line in words if line[:1] == [key] for word in line[1:]) for key in _KEYS}
    return HostResolver(found["nameserver"], found["search"], found["options"])


_KEYS = ("nameserver", "search", "options")


def _memory_bytes() -> int:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return pages * size


def _os_name() -> str:
    for line in _lines("/etc/os-release"):
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.platform()


def _first_line(path: str) -> str:
    return next(iter(_lines(path)), "")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []

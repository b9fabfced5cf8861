"""What this machine lacks to run real containers.

In: a look at the machine (`look`). Out: `missing`, one clear line per lack, each with what to do; empty means it can.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from moorage.nodeagent.cri.cgroups import hierarchies
from moorage.nodeagent.cri.commands import find
from moorage.nodeagent.cri.config import CNI_BIN_DIR

PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "iptables": "iptables",
    "ip": "iproute2",
}
"""Program and the Debian package that brings it."""
PLUGINS = ("bridge", "host-local", "loopback", "portmap")
CONTROLLERS = ("cpu", "memory", "pids")
# linux/capability.h
CAPABILITIES = {
    "CAP_CHOWN": 0,
    "CAP_DAC_OVERRIDE": 1,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_NET_ADMIN": 12,
    "CAP_SYS_CHROOT": 18,
    "CAP_SYS_PTRACE": 19,
    "CAP_SYS_ADMIN": 21,
    "CAP_MKNOD": 27,
}
ARCHITECTURES = ("x86_64", "AMD64")


@dataclass(frozen=True, slots=True)
class Machine:
    """What matters of a machine.

    Args:
        system: e.g. `Linux`.
        architecture: e.g. `x86_64`.
        user_id: 0 is root.
        capabilities: the effective set as a bit mask.
        programs: names of `PROGRAMS` that are installed.
        plugins: names of `PLUGINS` that are installed.
        controllers: cgroup controllers that can be used.
    """

    system: str
    architecture: str
    user_id: int
    capabilities: int
    programs: frozenset[str]
    plugins: frozenset[str]
    controllers: frozenset[str]


def look() -> Machine:
    """Return this machine."""
    system = platform.system()
    trees = hierarchies() if system == "Linux" else ()
    return Machine(
        system=system,
        architecture=platform.machine(),
        user_id=os.geteuid(),
        capabilities=_capabilities(),
        programs=frozenset(name for name in PROGRAMS if find(name)),
        plugins=frozenset(name for name in PLUGINS if os.access(Path(CNI_BIN_DIR) / name, os.X_OK)),
        controllers=frozenset(name for tree in trees for name in tree.controllers),
    )


def missing(machine: Machine | None = None) -> list[str]:
    """Return what is missing, one line each.

    Args:
        machine: this machine unless given.
    """
    this = machine or look()
    if this.system != "Linux":
        return [f"real containers need Linux; this is {this.system}"]
    lines = []
    if this.architecture not in ARCHITECTURES:
        lines.append(f"real containers need an x86-64 machine so far; this is {this.architecture}")
    if this.user_id != 0:
        lines.append("not root: run as root, e.g. with sudo")
    else:
        absent = [name for name, bit in CAPABILITIES.items() if not this.capabilities >> bit & 1]
        lines += [f"root lacks {name}: run outside a restricted container" for name in absent]
    lines += _not_installed(this)
    lines += [
        f"cgroup controller {name} is not available: mount cgroups with it"
        for name in CONTROLLERS
        if name not in this.controllers
    ]
    return lines


def _not_installed(this: Machine) -> list[str]:
    lines = [
        f"{name} is not installed: apt-get install {package}"
        for name, package in PROGRAMS.items()
        if name not in this.programs
    ]
    absent = [name for name in PLUGINS if name not in this.plugins]
    if absent:
        names = ", ".join(absent)
        lines.append(f"CNI plugins missing in {CNI_BIN_DIR}: {names}: apt-get install containernetworking-plugins")
    return lines


def _capabilities() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)

"""Mounting on the node: tmpfs for secrets, bind mounts for subPaths.

In: paths. Out: mounts below a pod's directory. `LinuxMounts` needs root; `NoMounts` makes do with directories
(made-up nodes, no root).
"""

import ctypes
import errno
import os
from pathlib import Path
from typing import Protocol

_MS_BIND = 4096
_MS_REC = 16384
_MS_NOSUID_NODEV = 2 | 4
_MNT_DETACH = 2
_LIBC = ctypes.CDLL(None, use_errno=True)
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


class Mounts(Protocol):
    """What can be mounted."""

    def tmpfs(self, target: Path, size_bytes: int) -> None:
        """Put a file system in memory on a directory, 0 for the kernel's own limit; one that is there stays."""
        ...

    def bind(self, descriptor: int, target: Path) -> Path:
        """Make an open file or directory visible at `target`; return the path to give to the runtime."""
        ...

    def below(self, root: Path) -> list[Path]:
        """Return every mount point at or below `root`, deepest first."""
        ...

    def unmount(self, target: Path) -> None:
        """Take a mount away; none there is success."""
        ...


class LinuxMounts:
    """mount(2) and umount2(2)."""

    def tmpfs(self, target: Path, size_bytes: int) -> None:
        """See `Mounts.tmpfs`."""
        if target in self.below(target):
            return
        options = f"size={size_bytes},mode=0777" if size_bytes else "mode=0777"
        self._mount("tmpfs", target, "tmpfs", _MS_NOSUID_NODEV, options)

    def bind(self, descriptor: int, target: Path) -> Path:
        """See `Mounts.bind`. An older mount at `target` (of a container before) is taken away first."""
        self.unmount(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.touch()
        # The descriptor, not the path, is bound: nobody can swap a step for a link between check and mount.
        self._mount(f"/proc/self/fd/{descriptor}", target, "", _MS_BIND | _MS_REC, "")
        return target

    def below(self, root: Path) -> list[Path]:
        """See `Mounts.below`."""
        real = Path(os.path.realpath(root))
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
            points = [_plain(line.split(" ")[4]) for line in table]
        found = [Path(point) for point in points if Path(point).is_relative_to(real)]
        return sorted(found, key=lambda point: len(point.parts), reverse=True)

    def unmount(self, target: Path) -> None:
        """See `Mounts.unmount`."""
        if _LIBC.umount2(os.fsencode(target), _MNT_DETACH) != 0:
            problem = ctypes.get_errno()
            if problem not in (errno.EINVAL, errno.ENOENT):
                raise OSError(problem, os.strerror(problem), str(target))

    def _mount(self, source: str, target: Path, kind: str, flags: int, options: str) -> None:
        words = (os.fsencode(source), os.fsencode(target), kind.encode())
        if _LIBC.mount(*words, flags, options.encode()) != 0:
            problem = ctypes.get_errno()
            raise OSError(problem, os.strerror(problem), str(target))


class NoMounts:
    """Directories in place of mounts: memory is disk, and a subPath is the path it resolved to."""

    def tmpfs(self, target: Path, size_bytes: int) -> None:
        """See `Mounts.tmpfs`: nothing to do."""

    def bind(self, descriptor: int, target: Path) -> Path:
        """See `Mounts.bind`."""
        return Path(os.readlink(f"/proc/self/fd/{descriptor}"))

    def below(self, root: Path) -> list[Path]:
        """See `Mounts.below`."""
        return []

    def unmount(self, target: Path) -> None:
        """See `Mounts.unmount`: nothing to do."""


def _plain(text: str) -> str:
    for escape, letter in _ESCAPES.items():
        text = text.replace(escape, letter)
    return text

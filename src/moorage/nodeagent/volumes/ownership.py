"""fsGroup: a volume's files belong to the pod's group.

In: a directory, a group, the change policy. Out: owners and modes on disk; links are never followed.
Rules: pkg/volume/volume_linux.go, Kubernetes 1.32.
"""

import os
import stat
from pathlib import Path

_READ_WRITE = 0o660
_ENTER = 0o110


def give_to_group(root: Path, group: int, policy: str) -> None:
    """Make everything below `root` belong to `group`, readable and writable by it.

    Args:
        root: the volume.
        group: group id.
        policy: `Always`, or `OnRootMismatch` to skip the walk where the root itself is right already.
    """
    if policy == "OnRootMismatch" and _right(root, group):
        return
    for _, folders, files, descriptor in os.fwalk(root, topdown=False, follow_symlinks=False):
        for name in (*files, *folders):
            _change(name, descriptor, group)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _change(".", descriptor, group)
    finally:
        os.close(descriptor)


def _right(root: Path, group: int) -> bool:
    found = root.stat()
    wanted = _READ_WRITE | _ENTER | stat.S_ISGID
    return found.st_gid == group and found.st_mode & wanted == wanted


def _change(name: str, folder: int, group: int) -> None:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    os.chown(name, -1, group, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return
    extra = _READ_WRITE | (_ENTER | stat.S_ISGID if stat.S_ISDIR(found.st_mode) else 0)
    os.chmod(name, stat.S_IMODE(found.st_mode) | extra, dir_fd=folder)

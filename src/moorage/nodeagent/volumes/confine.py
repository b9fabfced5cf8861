"""Paths that stay where they belong: every step is opened relative to the one before it, never followed out of the root.

In: a root directory and a relative path. Out: file descriptors. Raises `Escape` (facts: reliability VO9, E.2 26-29).
openat2(RESOLVE_BENEATH) where the kernel has it, so that links inside a volume work and links out of it do not;
elsewhere a walk that follows no link at all.
"""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_BENEATH = 0x08
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_LIBC = ctypes.CDLL(None, use_errno=True)


class Escape(Exception):
    """A path leads out of its root; the text names it."""


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def parts_of(relative: str) -> tuple[str, ...]:
    """Return the steps of a relative path.

    Raises:
        Escape: it is absolute or has a step `..`.
    """
    steps = tuple(step for step in relative.split("/") if step not in ("", "."))
    if relative.startswith("/") or ".." in steps or "\0" in relative:
        raise Escape(f"{relative!r} must be a relative path without '..'")
    return steps


@contextmanager
def opened(root: Path, relative: str) -> Iterator[int]:
    """Open what `relative` names beneath `root` (O_PATH); closed at the end.

    Raises:
        Escape: it leads out of the root.
        OSError: it does not exist.
    """
    base = os.open(root, _DIRECTORY)
    try:
        found = _beneath(base, "/".join(parts_of(relative)) or ".")
    finally:
        os.close(base)
    try:
        yield found
    finally:
        os.close(found)


def make_directories(root: Path, relative: str, mode: int) -> None:
    """Make the directories of `relative` beneath `root` that are missing, with `mode`.

    Raises:
        Escape: a step leads out of the root.
        OSError: a step is no directory.
    """
    current = os.open(root, _DIRECTORY)
    try:
        done: list[str] = []
        for step in parts_of(relative):
            following = _step_into(root, (*done, step), current, mode)
            os.close(current)
            current = following
            done.append(step)
    finally:
        os.close(current)


def _step_into(root: Path, steps: tuple[str, ...], current: int, mode: int) -> int:
    try:
        os.mkdir(steps[-1], mode, dir_fd=current)
        # mkdir obeys the umask; a pod's user may be anybody.
        made = os.open(steps[-1], os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
        os.fchmod(made, mode)
        return made
    except FileExistsError:
        with opened(root, "/".join(steps)) as found:
            if not stat.S_ISDIR(os.fstat(found).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), "/".join(steps)) from None
            return os.dup(found)


def _beneath(base: int, path: str) -> int:
    how = _How(os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    found = int(_LIBC.syscall(_OPENAT2, base, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how)))
    if found >= 0:
        return found
    problem = ctypes.get_errno()
    if problem == errno.ENOSYS:
        return walk(base, path)
    if problem in (errno.EXDEV, errno.ELOOP):
        raise Escape(f"{path!r} leads out of its volume")
    raise OSError(problem, os.strerror(problem), path)


def walk(base: int, path: str) -> int:
    """Open `path` beneath `base` without following any link: for kernels without openat2. Raises as `opened`."""
    current = os.dup(base)
    try:
        for step in parts_of(path):
            following = os.open(step, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
            os.close(current)
            current = following
            if stat.S_ISLNK(os.fstat(current).st_mode):
                raise Escape(f"{path!r} goes through a symbolic link")
    except BaseException:
        os.close(current)
        raise
    return current


def is_within(path: str, roots: tuple[str, ...]) -> bool:
    """Return whether `path`, links resolved, is one of `roots` or lies below one."""
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(os.path.realpath(root)) for root in roots)

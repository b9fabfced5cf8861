"""Pod cgroups: made with their limits before the sandbox, removed after it, in every hierarchy of the machine.

In: a cgroup path and `Limits`. Out: directories below /sys/fs/cgroup. containerd makes a pod's cgroup too, but sets
no limit on it and nobody removes it (fact sheet runtime, section 3). Blocking, but each step takes microseconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.ports import Limits

MOUNTS = Path("/proc/mounts")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One mounted cgroup tree.

    Args:
        root: where it is mounted.
        controllers: version 1: which it holds; version 2: all of `cgroup.controllers`.
        unified: version 2.
    """

    root: Path
    controllers: frozenset[str]
    unified: bool


def hierarchies(mounts: str | None = None) -> tuple[Hierarchy, ...]:
    """Return every cgroup tree of this machine.

    Args:
        mounts: text in the form of /proc/mounts; read from there unless given.
    """
    text = MOUNTS.read_text() if mounts is None else mounts
    found = []
    for line in text.splitlines():
        _, root, kind, options, *_ = line.split(" ")
        if kind == "cgroup2":
            found.append(Hierarchy(Path(root), _controllers(Path(root)), unified=True))
        elif kind == "cgroup":
            found.append(Hierarchy(Path(root), frozenset(options.split(",")), unified=False))
    return tuple(found)


def writes(limits: Limits, hierarchy: Hierarchy) -> list[tuple[str, str]]:
    """Return which file of a pod's cgroup gets which text in this tree. Pure."""
    table = _unified_writes(limits) if hierarchy.unified else _split_writes(limits)
    return [(name, text) for controller, name, text in table if controller in hierarchy.controllers]


class PodCgroups:
    """The pod cgroups below one root.

    Args:
        root: e.g. `/moorage-1a2b3c4d`, the same in every hierarchy.
        trees: the machine's hierarchies.
    """

    def __init__(self, root: str, trees: Sequence[Hierarchy]) -> None:
        self._root = root
        self._trees = tuple(trees)

    def path(self, parent: str) -> str:
        """Return the full cgroup path of a pod, from what the agent calls it."""
        return f"{self._root}/{parent.strip('/')}"

    def make(self, path: str, limits: Limits) -> None:
        """Make the pod's cgroup with its limits. Raises: RuntimeFailure when the kernel refuses a value."""
        for tree in self._trees:
            self._make_in(tree, path, limits)

    def remove(self, path: str) -> None:
        """Remove a pod's cgroup with its children; one that is still in use stays, and so does all outside the root."""
        if path != self._root and not path.startswith(f"{self._root}/"):
            return
        for tree in self._trees:
            _remove_tree(tree.root / path.lstrip("/"))

    def remove_all(self) -> None:
        """Remove the root and everything below it."""
        self.remove(self._root)

    def present(self) -> list[Path]:
        """Return the roots that still exist."""
        places = (tree.root / self._root.lstrip("/") for tree in self._trees)
        return [place for place in places if place.is_dir()]

    def processes(self) -> list[int]:
        """Return the ids of the processes in any of these cgroups."""
        files = (file for place in self.present() for file in place.rglob("cgroup.procs"))
        return sorted({int(word) for file in files for word in _read_words(file)})

    def _make_in(self, tree: Hierarchy, path: str, limits: Limits) -> None:
        values = writes(limits, tree)
        # containerd makes the others; in version 2 the parents must hand their controllers down first.
        if not values and not tree.unified:
            return
        place = tree.root
        try:
            for part in path.strip("/").split("/"):
                if tree.unified and tree.controllers:
                    _hand_down(place, tree.controllers)
                place = place / part
                place.mkdir(exist_ok=True)
            for name, text in values:
                (place / name).write_text(text)
        except OSError as error:
            raise RuntimeFailure("FailedCreatePodContainer", f"cgroup {path}: {error}") from error


def _split_writes(limits: Limits) -> Iterator[tuple[str, str, str]]:
    if limits.memory_bytes:
        yield "memory", "memory.limit_in_bytes", str(limits.memory_bytes)
    if limits.cpu_shares:
        yield "cpu", "cpu.shares", str(limits.cpu_shares)
    if limits.cpu_quota:
        yield "cpu", "cpu.cfs_period_us", str(limits.cpu_period)
        yield "cpu", "cpu.cfs_quota_us", str(limits.cpu_quota)
    if limits.pids:
        yield "pids", "pids.max", str(limits.pids)


def _unified_writes(limits: Limits) -> Iterator[tuple[str, str, str]]:
    if limits.memory_bytes:
        yield "memory", "memory.max", str(limits.memory_bytes)
    if limits.cpu_shares:
        # The kernel's ranges: shares 2…262144, weight 1…10000 (KEP-2254).
        yield "cpu", "cpu.weight", str(1 + ((limits.cpu_shares - 2) * 9999) // 262142)
    if limits.cpu_quota:
        yield "cpu", "cpu.max", f"{limits.cpu_quota} {limits.cpu_period}"
    if limits.pids:
        yield "pids", "pids.max", str(limits.pids)


def _controllers(root: Path) -> frozenset[str]:
    return frozenset(_read_words(root / "cgroup.controllers"))


def _hand_down(place: Path, controllers: frozenset[str]) -> None:
    file = place / "cgroup.subtree_control"
    absent = controllers - set(_read_words(file))
    if absent:
        file.write_text(" ".join(f"+{name}" for name in sorted(absent)))


def _read_words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _remove_tree(place: Path) -> None:
    try:
        children = [child for child in place.iterdir() if child.is_dir()]
    except OSError:
        return
    for child in children:
        _remove_tree(child)
    try:
        place.rmdir()
    except OSError:
        # Still in use: another sandbox of the pod, or a process that is just ending. `leftovers` would tell.
        return

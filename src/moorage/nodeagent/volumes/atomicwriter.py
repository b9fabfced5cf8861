"""Files that change all at once: a directory of the moment, and one symlink that is swapped.

In: names, contents and modes. Out: `TARGET/NAME → ..data/NAME`, `..data → ..2026_11_22_…`. A reader that opens a file
sees the old set or the new one, never a mixture (the layout is the kubelet's; programs watch `..data`).
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moorage.base.ports import Clock, Ids
from moorage.nodeagent.volumes.confine import parts_of

DATA = "..data"
_NEXT = "..data_tmp"


@dataclass(frozen=True, slots=True)
class File:
    """One projected file."""

    content: bytes
    mode: int = 0o644


Payload = Mapping[str, File]
"""Files by their path below the volume."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Group of the files, None to leave it."""

    group: int | None = None


class AtomicWriter:
    """Writes payloads.

    Args:
        clock: names the directory of the moment.
        ids: makes that name unique.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def write(self, target: Path, payload: Payload, owner: Owner = Owner()) -> bool:
        """Make `target` show exactly `payload`; return whether anything had to change.

        Raises:
            Escape: a path of the payload is not confined to the volume.
            OSError: the disk refused.
        """
        steps = {path: parts_of(path) for path in payload}
        if _current(target, payload) == {path: file.content for path, file in payload.items()}:
            return False
        stamp = self._clock.now().strftime("..%Y_%m_%d_%H_%M_%S.")
        folder = target / f"{stamp}{self._ids.suffix(9)}"
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        for path, file in payload.items():
            _write_file(folder, steps[path], file, owner)
        before = _linked(target)
        link = target / _NEXT
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name)
        os.replace(link, target / DATA)
        _show(target, {parts[0] for parts in steps.values() if parts})
        if before is not None and before != folder.name:
            shutil.rmtree(target / before, ignore_errors=True)
        return True


def _linked(target: Path) -> str | None:
    try:
        return os.readlink(target / DATA)
    except FileNotFoundError:
        return None


def _current(target: Path, payload: Payload) -> dict[str, bytes] | None:
    """Return what is shown now, None if nothing has been written yet."""
    shown = _linked(target)
    if shown is None:
        return None
    root = target / shown
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder, name)
            found[str(file.relative_to(root))] = file.read_bytes()
    normal = {"/".join(parts_of(path)): path for path in payload}
    return {normal.get(path, path): content for path, content in found.items()}


def _write_file(folder: Path, steps: tuple[str, ...], file: File, owner: Owner) -> None:
    place = folder.joinpath(*steps)
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(file.content)
        mode = file.mode
        if owner.group is not None:
            os.fchown(descriptor, -1, owner.group)
            mode |= 0o440
        os.fchmod(descriptor, mode)


def _show(target: Path, names: set[str]) -> None:
    """Make the links users see, and take away those of files that are gone."""
    for entry in os.scandir(target):
        if not entry.name.startswith("..") and entry.name not in names:
            os.unlink(entry.path)
    for name in names:
        link = target / name
        if not link.is_symlink():
            link.symlink_to(f"{DATA}/{name}")

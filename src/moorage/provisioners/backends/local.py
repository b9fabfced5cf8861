"""Backend `local`: one directory a volume, below one root, on the node that runs the pod.

In: a volume's name. Out: a directory of mode 0777 (as local provisioners do: the pod's user is not known), sizes not enforced.
Removal first renames the directory, so that a crash never leaves a half-erased volume under a live name.
"""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

from moorage.provisioners.ports import ProvisioningFailed, Volume

PROVISIONER = "moorage.dev/local"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_DOOMED = ".erasing-"


class LocalBackend:
    """Directories below `root`.

    Args:
        root: existing directory that only this backend uses.
        nodes: the nodes of this machine; they share `root`, so a volume bound before a pod exists suits each of them.
    """

    provisioner = PROVISIONER
    access_modes = frozenset({"ReadWriteOnce", "ReadWriteOncePod", "ReadOnlyMany", "ReadWriteMany"})

    def __init__(self, root: Path, nodes: tuple[str, ...]) -> None:
        self._root = root
        self.nodes = nodes

    def source(self, volume: Volume) -> dict[str, Any]:
        """Return a `local` volume source."""
        return {"local": {"path": str(self._folder(volume.name))}}

    async def create(self, volume: Volume) -> None:
        """Make the directory."""
        folder = self._folder(volume.name)
        await asyncio.to_thread(_make, folder)

    async def grow(self, name: str, source: dict[str, Any], size_bytes: int) -> None:
        """A directory has no size of its own: the volume only has to be there, and where it was made."""
        folder = self._folder(name)
        if not _names(source, folder):
            raise ProvisioningFailed(f"volume {name} does not lie in {self._root}: it cannot be resized")
        if not await asyncio.to_thread(folder.is_dir):
            raise ProvisioningFailed(f"volume {name} has no directory {folder}: its data is lost")

    async def remove(self, name: str, source: dict[str, Any]) -> None:
        """Erase the directory of a volume, if the source still names it: a source that was edited is not followed."""
        folder = self._folder(name)
        if not _names(source, folder):
            raise ProvisioningFailed(f"volume {name} does not lie in {self._root}: remove its data by hand")
        await asyncio.to_thread(_erase, folder, self._root / f"{_DOOMED}{name}")

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ProvisioningFailed(f"{name!r} is not a volume name")
        return self._root / name


def _names(source: dict[str, Any], folder: Path) -> bool:
    return bool((source.get("local") or {}).get("path") == str(folder))


def _make(folder: Path) -> None:
    if folder.is_symlink():
        raise ProvisioningFailed(f"{folder} is a link, not a directory: remove it")
    try:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    except OSError as error:
        raise ProvisioningFailed(f"cannot make {folder}: {error.strerror}") from None


def _erase(folder: Path, doomed: Path) -> None:
    try:
        if folder.exists() and not doomed.exists():
            folder.rename(doomed)
        if doomed.exists():
            shutil.rmtree(doomed)
    except OSError as error:
        raise ProvisioningFailed(f"cannot erase {folder}: {error.strerror}") from None

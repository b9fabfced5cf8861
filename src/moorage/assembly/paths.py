"""Where a cluster keeps what, all below its data directory.

In: the data directory. Out: `Paths`. Directories are made private (0700) on first use.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from moorage.base.errors import UserError


def default_data_dir(environment: dict[str, str], *, root: bool) -> Path:
    """Return the data directory used without `--data-dir`: a system one for root, else one below the home directory."""
    chosen = environment.get("MOORAGE_DATA_DIR")
    if chosen:
        return Path(chosen)
    if root:
        return Path("/var/lib/moorage")
    base = environment.get("XDG_DATA_HOME") or os.path.join(environment.get("HOME", "."), ".local", "share")
    return Path(base) / "moorage"


@dataclass(frozen=True, slots=True)
class Paths:
    """The layout of one data directory."""

    root: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, mode 0600."""
        return self.root / "kubeconfig"

    @property
    def settings(self) -> Path:
        """What the cluster was last started with."""
        return self.root / "settings.json"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def store(self) -> Path:
        """The SQLite store."""
        return self.root / "store"

    @property
    def run(self) -> Path:
        """What is running: one JSON file a process."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """Logs of detached processes."""
        return self.root / "logs"

    @property
    def volumes(self) -> Path:
        """Directories of the `local` provisioner."""
        return self.root / "volumes"

    @property
    def containerd(self) -> Path:
        """Root, state and socket of the private containerd."""
        return self.root / "containerd"

    def node(self, name: str) -> Path:
        """Return the agent's own directory of node `name`."""
        return self.root / "nodes" / name

    def credentials(self, name: str) -> Path:
        """Return where node `name` finds its own certificates, and nobody else's."""
        return self.node(name) / "pki"

    def make(self) -> None:
        """Make the directories. Raises UserError where that is impossible."""
        for folder in (self.root, self.pki, self.store, self.run, self.logs, self.volumes):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"cannot make {folder}: {error.strerror}; choose another place with --data-dir"
                ) from None

"""Storage that is only remembered: a provisioner's backend without a disk.

In: volumes to make and remove. Out: `SimBackend`, which knows at every moment what data exists.
"""

from typing import Any

from moorage.provisioners.backends.local import PROVISIONER
from moorage.provisioners.ports import ProvisioningFailed, Volume


class SimBackend:
    """Backend of the default class: like `local`, a volume belongs to the node that uses it first.

    Args:
        nodes: every node.
    """

    provisioner = PROVISIONER
    access_modes = frozenset({"ReadWriteOnce", "ReadWriteOncePod", "ReadOnlyMany", "ReadWriteMany"})

    def __init__(self, nodes: tuple[str, ...]) -> None:
        self.nodes = nodes
        self.data: set[str] = set()

    def source(self, volume: Volume) -> dict[str, Any]:
        """Return a `local` volume source."""
        return {"local": {"path": f"/sim/{volume.name}"}}

    async def create(self, volume: Volume) -> None:
        """Remember that the data exists."""
        self.data.add(volume.name)

    async def grow(self, name: str, source: dict[str, Any], size_bytes: int) -> None:
        """Data that is remembered takes whatever size."""
        if name not in self.data:
            raise ProvisioningFailed(f"volume {name} does not exist")

    async def remove(self, name: str, source: dict[str, Any]) -> None:
        """Forget the data."""
        self.data.discard(name)

"""The backend port: what makes, grows and removes the storage behind a volume.

In: a `Volume` to make, or a PersistentVolume's source to remove. Out: the volume source of the PersistentVolume.
Backends: `provisioners.backends.local`. All calls are idempotent: a crash in between is mended by calling again.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from moorage.base.errors import MoorageError


class ProvisioningFailed(MoorageError):
    """The backend cannot make, grow or remove this volume; the text goes into the event."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume to make.

    Args:
        name: the PersistentVolume's name, `pvc-<claim uid>`.
        namespace: the claim's namespace.
        claim: the claim's name.
        size_bytes: what the claim asks for.
        node: node that will use it first; "" with Immediate binding.
        parameters: of the StorageClass.
    """

    name: str
    namespace: str
    claim: str
    size_bytes: int
    node: str
    parameters: dict[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """One way to store data."""

    @property
    def provisioner(self) -> str:
        """Name that StorageClasses use, e.g. `moorage.dev/local`."""
        ...

    @property
    def access_modes(self) -> frozenset[str]:
        """Access modes it can honour."""
        ...

    @property
    def nodes(self) -> tuple[str, ...]:
        """Nodes from which a volume without a chosen node can be reached; none for storage that every node reaches."""
        ...

    def source(self, volume: Volume) -> dict[str, Any]:
        """Return the volume source for the PersistentVolume's spec, e.g. `{"local": {"path": …}}`. Pure."""
        ...

    async def create(self, volume: Volume) -> None:
        """Make the storage; success if it exists. Raises: ProvisioningFailed."""
        ...

    async def grow(self, name: str, source: dict[str, Any], size_bytes: int) -> None:
        """Let the PersistentVolume `name` hold `size_bytes`, its file system included; success if it does.

        Args:
            source: the PersistentVolume's spec.

        Raises: ProvisioningFailed.
        """
        ...

    async def remove(self, name: str, source: dict[str, Any]) -> None:
        """Erase the storage of the PersistentVolume `name`; success if it is gone. Raises: ProvisioningFailed."""
        ...

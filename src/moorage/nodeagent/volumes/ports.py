"""The volume port: what a pod worker asks for.

In: pods. Out: mounts. Implementations: `volumes.disk.DiskVolumes` (this machine) and `volumes.none.NoVolumes` (made-up
nodes: every reference is checked, nothing touches a disk).
"""

from collections.abc import Mapping
from typing import Protocol

from moorage.base.errors import MoorageError
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Mount


class VolumeFailure(MoorageError):
    """A volume cannot be made ready now; worth trying again.

    Args:
        volume: its name in the pod.
        message: one line, without the volume's name.
    """

    def __init__(self, volume: str, message: str) -> None:
        super().__init__(f'MountVolume.SetUp failed for volume "{volume}" : {message}')
        self.volume = volume
        self.message = message


class Volumes(Protocol):
    """The volumes of this node's pods."""

    async def mount(self, pod: Pod) -> None:
        """Make every volume of a pod ready; again and again does no harm. Raises: VolumeFailure."""
        ...

    def ready(self, uid: str) -> bool:
        """Return whether `mount` has made a pod's volumes ready (since this agent started)."""
        ...

    def left(self, uid: str) -> bool:
        """Return whether anything of a pod's volumes may be there."""
        ...

    def everyone(self) -> list[str]:
        """Return the uid of every pod of which something may be there."""
        ...

    def mounts(self, pod: Pod, container: Container, environment: Mapping[str, str]) -> tuple[Mount, ...]:
        """Return a container's mounts, subPaths made ready. Raises: RuntimeFailure (CreateContainerConfigError)."""
        ...

    async def refresh(self, pod: Pod) -> None:
        """Bring ConfigMaps, Secrets, tokens and labels up to date. Raises: VolumeFailure."""
        ...

    async def unmount(self, uid: str) -> None:
        """Give everything of a pod back; what is gone already is no error. Raises: VolumeFailure."""
        ...

"""Volumes of made-up nodes: every claim, ConfigMap and Secret must exist as on a real node, but nothing touches a disk.

In: pods. Out: mounts with made-up paths. Used with `sim.runtime`.
"""

from collections.abc import Mapping

from moorage.base.errors import ApiError, RuntimeFailure, Unavailable
from moorage.base.ports import Clock
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.fields import PodFacts
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Mount
from moorage.nodeagent.volumes import paths
from moorage.nodeagent.volumes.payload import Missing
from moorage.nodeagent.volumes.ports import VolumeFailure
from moorage.nodeagent.volumes.projection import Projections


class NoVolumes:
    """`Volumes` without a disk."""

    def __init__(self, cluster: Cluster, clock: Clock) -> None:
        self._cluster = cluster
        self._projections = Projections(cluster, clock, PodFacts())
        self._ready: set[str] = set()

    async def mount(self, pod: Pod) -> None:
        """See `Volumes.mount`."""
        for volume in pod.spec.volumes:
            try:
                await self._check(pod, volume)
            except (Missing, paths.Refused, ApiError, Unavailable, RuntimeFailure) as error:
                raise VolumeFailure(volume["name"], str(error)) from error
        self._ready.add(pod.uid)

    def ready(self, uid: str) -> bool:
        """See `Volumes.ready`."""
        return uid in self._ready

    def left(self, uid: str) -> bool:
        """See `Volumes.left`."""
        return uid in self._ready

    def everyone(self) -> list[str]:
        """See `Volumes.everyone`."""
        return sorted(self._ready)

    def mounts(self, pod: Pod, container: Container, environment: Mapping[str, str]) -> tuple[Mount, ...]:
        """See `Volumes.mounts`."""
        return tuple(
            Mount(f"/sim/{pod.uid}/{one.name}", one.mount_path, one.read_only) for one in container.volume_mounts
        )

    async def refresh(self, pod: Pod) -> None:
        """See `Volumes.refresh`: there is nothing to bring up to date."""

    async def unmount(self, uid: str) -> None:
        """See `Volumes.unmount`."""
        self._ready.discard(uid)

    async def _check(self, pod: Pod, volume: Mapping[str, object]) -> None:
        source = next((dict(value) for name, value in volume.items() if isinstance(value, dict)), {})
        if "configMap" in volume:
            await self._projections.config_map(pod, source)
        elif "secret" in volume:
            await self._projections.secret(pod, source)
        elif "persistentVolumeClaim" in volume:
            name = source["claimName"]
            paths.bound_volume(pod, name, await self._cluster.claim(pod.namespace, name))

"""Volumes on this machine, below `pods/UID/` of the agent's directory.

In: pods. Out: directories, files, mounts. The layout is the kubelet's: `volumes/kubernetes.io~KIND/NAME`.
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from moorage.api import quantity
from moorage.base.errors import ApiError, Unavailable
from moorage.base.ports import Clock, Ids
from moorage.nodeagent.cluster import Cluster
from moorage.nodeagent.fields import PodFacts
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Mount
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.volumes import paths
from moorage.nodeagent.volumes.atomicwriter import AtomicWriter, Owner, Payload
from moorage.nodeagent.volumes.confine import Escape
from moorage.nodeagent.volumes.mounts import Mounts
from moorage.nodeagent.volumes.ownership import give_to_group
from moorage.nodeagent.volumes.payload import Missing
from moorage.nodeagent.volumes.ports import VolumeFailure
from moorage.nodeagent.volumes.projection import Projections, Source
from moorage.nodeagent.volumes.subpath import Volume, container_mounts

Maker = Callable[[Pod, Mapping[str, Any]], Awaitable[Volume]]
Files = Callable[[Pod, Source], Awaitable[Payload]]


class DiskVolumes:
    """`Volumes` on this machine.

    Args:
        settings: of the agent.
        cluster: where claims, ConfigMaps and Secrets are.
        mounts: what mounts.
        clock: names of directories, renewal of tokens.
        ids: likewise.
    """

    def __init__(self, settings: AgentSettings, cluster: Cluster, mounts: Mounts, clock: Clock, ids: Ids) -> None:
        self._settings = settings
        self._cluster = cluster
        self._mounts = mounts
        self._writer = AtomicWriter(clock, ids)
        capacity = settings.capacity
        facts = PodFacts(
            settings.address,
            node_cpu_millis=capacity.cpu_millis,
            node_memory_bytes=capacity.memory_bytes,
            node_storage_bytes=capacity.storage_bytes,
        )
        self._projections = Projections(cluster, clock, facts)
        self._ready: dict[str, dict[str, Volume]] = {}
        self._files: dict[str, tuple[Files, str]] = {
            "configMap": (self._projections.config_map, "configmap"),
            "secret": (self._projections.secret, "secret"),
            "downwardAPI": (self._projections.downward, "downward-api"),
            "projected": (self._projections.projected, "projected"),
        }
        self._makers: dict[str, Maker] = {
            "emptyDir": self._empty_dir,
            "hostPath": self._host_path,
            "persistentVolumeClaim": self._claim,
            "ephemeral": self._ephemeral,
            **dict.fromkeys(self._files, self._projected),
        }

    async def mount(self, pod: Pod) -> None:
        """See `Volumes.mount`."""
        folder = self._settings.pod_dir(pod.uid)
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        ready = {}
        for volume in pod.spec.volumes:
            kind = next((kind for kind in self._makers if kind in volume), "")
            ready[volume["name"]] = await self._one(pod, volume, kind)
        self._ready[pod.uid] = ready

    def ready(self, uid: str) -> bool:
        """See `Volumes.ready`."""
        return uid in self._ready

    def left(self, uid: str) -> bool:
        """See `Volumes.left`."""
        return uid in self._ready or self._settings.pod_dir(uid).exists()

    def everyone(self) -> list[str]:
        """See `Volumes.everyone`."""
        folder = self._settings.pods_dir
        return sorted(os.listdir(folder)) if folder.is_dir() else []

    def mounts(self, pod: Pod, container: Container, environment: Mapping[str, str]) -> tuple[Mount, ...]:
        """See `Volumes.mounts`."""
        place = (self._settings.pod_dir(pod.uid), self._mounts)
        return container_mounts(container, self._ready.get(pod.uid, {}), environment, place)

    async def refresh(self, pod: Pod) -> None:
        """See `Volumes.refresh`."""
        for volume in pod.spec.volumes:
            kind = next((kind for kind in self._files if kind in volume), "")
            if kind and self.ready(pod.uid):
                await self._one(pod, volume, kind)

    async def unmount(self, uid: str) -> None:
        """See `Volumes.unmount`."""
        self._ready.pop(uid, None)
        self._projections.forget(uid)
        try:
            await asyncio.to_thread(self._remove, self._settings.pod_dir(uid))
        except OSError as error:
            raise VolumeFailure("*", f"teardown failed: {error}") from error

    def _remove(self, folder: Path) -> None:
        for point in self._mounts.below(folder):
            self._mounts.unmount(point)
        left = self._mounts.below(folder)
        if left:
            # What is mounted is a user's data: nothing is removed while any of it can be reached from here.
            raise OSError(f"{left[0]} is still mounted")
        shutil.rmtree(folder, ignore_errors=not folder.exists())

    async def _one(self, pod: Pod, volume: Mapping[str, Any], kind: str) -> Volume:
        name = volume["name"]
        if not kind:
            raise VolumeFailure(name, f"no driver for {', '.join(sorted(set(volume) - {'name'})) or 'it'} on this node")
        try:
            return await self._makers[kind](pod, volume)
        except (Missing, paths.Refused, Escape) as error:
            raise VolumeFailure(name, str(error)) from error
        except OSError as error:
            raise VolumeFailure(name, f"{error.strerror or error}: {error.filename or ''}") from error
        except (ApiError, Unavailable) as error:
            raise VolumeFailure(name, f"failed to sync: {error}") from error

    # --- makers, one a kind ---

    def _folder(self, pod: Pod, kind: str, name: str, mode: int) -> Path:
        folder = self._settings.pod_dir(pod.uid) / "volumes" / f"kubernetes.io~{kind}" / name
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(mode)
        return folder

    async def _empty_dir(self, pod: Pod, volume: Mapping[str, Any]) -> Volume:
        source = volume["emptyDir"] or {}
        folder = self._folder(pod, "empty-dir", volume["name"], 0o777)
        if source.get("medium") == "Memory":
            limit = source.get("sizeLimit")
            self._mounts.tmpfs(folder, quantity.parse(str(limit)).value if limit else 0)
        await self._group(pod, folder)
        return Volume(folder)

    async def _projected(self, pod: Pod, volume: Mapping[str, Any]) -> Volume:
        kind = next(kind for kind in self._files if kind in volume)
        files, folder_kind = self._files[kind]
        payload = await files(pod, volume[kind] or {})
        folder = self._folder(pod, folder_kind, volume["name"], 0o755)
        if kind != "configMap" and not os.listdir(folder):
            # Secrets stay off the disk.
            self._mounts.tmpfs(folder, 0)
        self._writer.write(folder, payload, Owner(_fs_group(pod)))
        return Volume(folder, read_only=True)

    async def _host_path(self, pod: Pod, volume: Mapping[str, Any]) -> Volume:
        return Volume(Path(paths.host_path(volume["hostPath"], self._settings.forbidden)))

    async def _claim(self, pod: Pod, volume: Mapping[str, Any]) -> Volume:
        source = volume["persistentVolumeClaim"]
        return await self._claimed(pod, source["claimName"], read_only=bool(source.get("readOnly")))

    async def _ephemeral(self, pod: Pod, volume: Mapping[str, Any]) -> Volume:
        return await self._claimed(pod, f"{pod.name}-{volume['name']}", read_only=False)

    async def _claimed(self, pod: Pod, name: str, *, read_only: bool) -> Volume:
        claim = await self._cluster.claim(pod.namespace, name)
        bound = paths.bound_volume(pod, name, claim)
        if claim is None:
            raise paths.Refused(f'persistentvolumeclaim "{name}" not found')
        volume = await self._cluster.volume(bound)
        places = (self._settings.forbidden, self._settings.volumes_dir)
        path = Path(paths.volume_path(claim, volume, bound, places))
        await self._group(pod, path)
        return Volume(path, read_only)

    async def _group(self, pod: Pod, folder: Path) -> None:
        group = _fs_group(pod)
        if group is not None:
            policy = pod.spec.security_context.get("fsGroupChangePolicy") or "Always"
            await asyncio.to_thread(give_to_group, folder, group, policy)


def _fs_group(pod: Pod) -> int | None:
    group: int | None = pod.spec.security_context.get("fsGroup")
    return group

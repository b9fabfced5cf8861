"""A container's mounts of its pod's volumes; parts of volumes (subPath) without a way out of them.

In: a container, its environment, the volumes' paths. Out: `Mount` values. Raises RuntimeFailure.
Rules: pkg/volume/util/subpath, Kubernetes 1.32; facts: reliability E.2 26, 27.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.configs import PROPAGATION
from moorage.nodeagent.environment import expand
from moorage.nodeagent.podspec import Container, VolumeMount
from moorage.nodeagent.ports import Mount
from moorage.nodeagent.volumes.confine import Escape, make_directories, opened
from moorage.nodeagent.volumes.mounts import Mounts

CONFIG_ERROR = "CreateContainerConfigError"
FOLDER = "volume-subpaths"


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume of a pod as it is on the node."""

    path: Path
    read_only: bool = False


def container_mounts(
    container: Container,
    volumes: Mapping[str, Volume],
    environment: Mapping[str, str],
    place: tuple[Path, Mounts],
) -> tuple[Mount, ...]:
    """Return the mounts of a container's volumes.

    Args:
        container: whose.
        volumes: of the pod, by name.
        environment: for subPathExpr.
        place: the pod's directory, and what mounts.
    """
    made = []
    for index, wanted in enumerate(container.volume_mounts):
        volume = volumes.get(wanted.name)
        if volume is None:
            raise RuntimeFailure(CONFIG_ERROR, f'cannot find volume "{wanted.name}" to mount into container')
        part = _part(wanted, environment)
        path = volume.path
        if part:
            target = place[0] / FOLDER / wanted.name / container.name / str(index)
            path = _sub_path(volume.path, part, target, place[1])
        read_only = wanted.read_only or volume.read_only
        propagation = PROPAGATION.get(wanted.mount_propagation, "private")
        made.append(Mount(str(path), wanted.mount_path, read_only, propagation))
    return tuple(made)


def _part(wanted: VolumeMount, environment: Mapping[str, str]) -> str:
    if wanted.sub_path:
        return wanted.sub_path
    if not wanted.sub_path_expr:
        return ""
    part = expand(wanted.sub_path_expr, environment)
    if "$(" in part:
        raise RuntimeFailure(CONFIG_ERROR, f"failed to expand subPathExpr of volumeMount {wanted.name!r}: {part}")
    return part


def _sub_path(root: Path, part: str, target: Path, mounts: Mounts) -> Path:
    try:
        try:
            return _bound(root, part, target, mounts)
        except FileNotFoundError:
            make_directories(root, part, stat.S_IMODE(os.stat(root).st_mode))
            return _bound(root, part, target, mounts)
    except (Escape, OSError) as error:
        text = f"failed to prepare subPath for volumeMount {part!r}: {error}"
        raise RuntimeFailure(CONFIG_ERROR, text) from error


def _bound(root: Path, part: str, target: Path, mounts: Mounts) -> Path:
    with opened(root, part) as descriptor:
        return mounts.bind(descriptor, target)

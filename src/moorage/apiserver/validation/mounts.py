"""Validation of what containers mount.

In: a container and the usable volumes of its pod. Out: errors. Rules: pkg/apis/core/validation.
"""

from collections.abc import Mapping

from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import paths
from moorage.apiserver.validation.errors import forbidden, invalid, not_found, required
from moorage.apiserver.validation.values import one_of

Usable = Mapping[str, Document]

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_UNIQUE = "must be unique"


def mounts(path: str, container: Document, usable: Usable) -> list[FieldError]:
    """Check the volume mounts of a container."""
    found: list[FieldError] = []
    seen: set[str] = set()
    devices = items(container, "volumeDevices")
    for where, mount in indexed(f"{path}.volumeMounts", items(container, "volumeMounts")):
        point = mount.get("mountPath", "")
        found += _volume(f"{where}.name", mount.get("name", ""), usable)
        if not point:
            found.append(required(f"{where}.mountPath"))
        if point in seen:
            found.append(invalid(f"{where}.mountPath", point, _UNIQUE))
        seen.add(point)
        found += _overlap(where, mount, devices)
        found += _inner_paths(f"{path}.volumeMounts", where, mount)
        found += _propagation(f"{path}.volumeMounts.mountPropagation", mount, container)
    return found


def _volume(path: str, name: str, usable: Usable) -> list[FieldError]:
    found = [] if name else [required(path)]
    return found if name in usable else [*found, not_found(path, name)]


def _overlap(path: str, mount: Document, devices: list[Document]) -> list[FieldError]:
    found = []
    name, point = mount.get("name", ""), mount.get("mountPath", "")
    if any(device.get("name") == name for device in devices):
        found.append(invalid(f"{path}.name", name, "must not already exist in volumeDevices"))
    if any(device.get("devicePath") == point for device in devices):
        found.append(invalid(f"{path}.mountPath", point, "must not already exist as a path in volumeDevices"))
    return found


def _inner_paths(path: str, where: str, mount: Document) -> list[FieldError]:
    """Check subPath and subPathExpr; upstream leaves the index out of their paths."""
    found = []
    inner, expression = mount.get("subPath", ""), mount.get("subPathExpr", "")
    if inner:
        found += paths.descending(f"{path}.subPath", inner)
    if inner and expression:
        text = "subPathExpr and subPath are mutually exclusive"
        found.append(invalid(f"{where}.subPathExpr", expression, text))
    if expression:
        found += paths.descending(f"{path}.subPathExpr", expression)
    return found


def _propagation(path: str, mount: Document, container: Document) -> list[FieldError]:
    wanted = mount.get("mountPropagation")
    if wanted is None:
        return []
    found = one_of(path, wanted, _PROPAGATIONS)
    if wanted == "Bidirectional" and not part(container, "securityContext").get("privileged"):
        text = "Bidirectional mount propagation is available only to privileged containers"
        found.append(forbidden(path, text))
    return found


def devices(path: str, container: Document, usable: Usable) -> list[FieldError]:
    """Check the block devices of a container."""
    found: list[FieldError] = []
    names_seen: set[str] = set()
    paths_seen: set[str] = set()
    mounted = items(container, "volumeMounts")
    for where, device in indexed(f"{path}.volumeDevices", items(container, "volumeDevices")):
        name, point = device.get("name", ""), device.get("devicePath", "")
        found += _device_name(f"{where}.name", name, names_seen, usable)
        found += _device_path(f"{where}.devicePath", point, paths_seen)
        if any(mount.get("name") == name for mount in mounted):
            found.append(invalid(f"{where}.name", name, "must not already exist in volumeMounts"))
        if any(mount.get("mountPath") == point for mount in mounted):
            text = "must not already exist as a path in volumeMounts"
            found.append(invalid(f"{where}.devicePath", point, text))
        names_seen.add(name)
        paths_seen.add(point)
    return found


def _device_name(path: str, name: str, seen: set[str], usable: Usable) -> list[FieldError]:
    found = [] if name else [required(path)]
    if name and name in seen:
        found.append(invalid(path, name, _UNIQUE))
    if name not in usable:
        return [*found, not_found(path, name)]
    if not usable[name].keys() & {"persistentVolumeClaim", "ephemeral"}:
        text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        found.append(invalid(path, name, text))
    return found


def _device_path(path: str, point: str, seen: set[str]) -> list[FieldError]:
    found = [] if point else [required(path)]
    if point in seen:
        found.append(invalid(path, point, _UNIQUE))
    if paths.has_backsteps(point):
        found.append(invalid(path, point, "can not contain backsteps ('..')"))
    return found

"""Volumes that are a path on the node already: hostPath, and claims whose PersistentVolume is a local path.

In: volume sources, claims, PersistentVolumes. Out: the path, checked. Raises `Refused`, whose text is the kubelet's.
"""

import os
import stat
from collections.abc import Callable, Mapping
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.volumes.confine import is_within

Check = Callable[[int], bool]
_CHECKS: dict[str, tuple[Check, str]] = {
    "Directory": (stat.S_ISDIR, "a directory"),
    "DirectoryOrCreate": (stat.S_ISDIR, "a directory"),
    "File": (stat.S_ISREG, "a file"),
    "FileOrCreate": (stat.S_ISREG, "a file"),
    "Socket": (stat.S_ISSOCK, "a socket"),
    "CharDevice": (stat.S_ISCHR, "a character device"),
    "BlockDevice": (stat.S_ISBLK, "a block device"),
}


class Refused(Exception):
    """The path may not be used, or is not what it should be."""


def host_path(source: Mapping[str, Any], forbidden: tuple[str, ...]) -> str:
    """Return the path of a hostPath volume, made where its type says so."""
    path, kind = str(source["path"]), str(source.get("type") or "")
    if is_within(path, forbidden):
        raise Refused(f"hostPath {path} is the cluster's own data and may not be mounted")
    if not os.path.exists(path):
        _make(path, kind)
    check, name = _CHECKS.get(kind, (None, ""))
    if check is not None and not (os.path.exists(path) and check(os.stat(path).st_mode)):
        raise Refused(f"hostPath type check failed: {path} is not {name}")
    return path


def _make(path: str, kind: str) -> None:
    if kind == "DirectoryOrCreate":
        os.makedirs(path, mode=0o755, exist_ok=True)
    elif kind == "FileOrCreate":
        with open(path, "a", encoding="utf-8"):
            os.chmod(path, 0o644)


def bound_volume(pod: Pod, claim_name: str, claim: Document | None) -> str:
    """Return the name of the PersistentVolume behind a claim; refuse a claim that is not ready to be used."""
    where = f"{pod.namespace}/{claim_name}"
    if claim is None:
        raise Refused(f'persistentvolumeclaim "{claim_name}" not found')
    # A claim being deleted keeps serving the pods that use it; a new pod must not join them (reliability VO8).
    if meta.is_deleting(claim) and not pod.status.get("startTime"):
        raise Refused(f"can't start pod because PVC {where} is being deleted")
    phase = (claim.get("status") or {}).get("phase")
    name = (claim.get("spec") or {}).get("volumeName")
    if phase != "Bound" or not name:
        raise Refused(f"PVC {where} has non-bound phase ({phase}) or empty pvc.Spec.VolumeName ({name or ''})")
    return str(name)


def volume_path(claim: Document, volume: Document | None, name: str, places: tuple[tuple[str, ...], str]) -> str:
    """Return the path of a PersistentVolume that lives on this node.

    Args:
        claim: the claim it must be bound to.
        volume: the PersistentVolume.
        name: its name.
        places: directories it may not be in, and the one place inside them where it may (the local provisioner's).
    """
    if volume is None:
        raise Refused(f'failed to fetch PV {name} from API server: persistentvolumes "{name}" not found')
    spec = volume.get("spec") or {}
    if (spec.get("claimRef") or {}).get("uid") != meta.uid(claim):
        text = f"PV {name} spec.ClaimRef.UID {(spec.get('claimRef') or {}).get('uid')} does not match"
        raise Refused(f"failed to fetch PV {name} from API server: {text} pvc.UID {meta.uid(claim)}")
    source = spec.get("local") or spec.get("hostPath")
    if source is None:
        raise Refused(f"PV {name} is neither local nor hostPath: this node has no driver for it")
    path = str(source["path"])
    forbidden, allowed = places
    if is_within(path, forbidden) and not (allowed and is_within(path, (allowed,)) and not _same(path, allowed)):
        raise Refused(f"PV {name} has the path {path}, which is the cluster's own data")
    if "hostPath" in spec:
        return host_path(source, ())
    if not os.path.exists(path):
        raise Refused(f'path "{path}" does not exist')
    return path


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)

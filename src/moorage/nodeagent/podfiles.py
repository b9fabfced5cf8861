"""The agent's own files of a pod: /etc/hosts and each container's termination message.

In: pods, containers. Out: mounts, messages. Below the pod's directory; made-up nodes have `NoFiles`.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from moorage.nodeagent import network
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Mount, RuntimeContainer
from moorage.nodeagent.settings import AgentSettings

MESSAGE_BYTES = 4096
LOG_BYTES = 2048
LOG_LINES = 80


class PodFiles(Protocol):
    """Files of pods on a node."""

    def log_directory(self, pod: Pod) -> str:
        """Return the directory of a pod's logs, "" where none are kept."""
        ...

    def mounts(self, pod: Pod, container: Container, attempt: int, addresses: Sequence[str]) -> tuple[Mount, ...]:
        """Write what a container attempt needs and return its mounts."""
        ...

    def message(self, pod: Pod, container: Container, ended: RuntimeContainer) -> str:
        """Return the termination message of a container that ended, "" for none."""
        ...

    def clear(self, pod: Pod) -> None:
        """Remove a pod's logs; its other files went with its volumes."""
        ...


class NoFiles:
    """Nothing is written, nothing was said."""

    def log_directory(self, pod: Pod) -> str:
        """See `PodFiles.log_directory`."""
        return ""

    def mounts(self, pod: Pod, container: Container, attempt: int, addresses: Sequence[str]) -> tuple[Mount, ...]:
        """See `PodFiles.mounts`."""
        return ()

    def message(self, pod: Pod, container: Container, ended: RuntimeContainer) -> str:
        """See `PodFiles.message`."""
        return ""

    def clear(self, pod: Pod) -> None:
        """See `PodFiles.clear`."""


class DiskFiles:
    """Files below `pods/UID/`."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    def log_directory(self, pod: Pod) -> str:
        """See `PodFiles.log_directory`."""
        return str(self._settings.log_dir(pod.namespace, pod.name, pod.uid))

    def mounts(self, pod: Pod, container: Container, attempt: int, addresses: Sequence[str]) -> tuple[Mount, ...]:
        """See `PodFiles.mounts`. A container that mounts over one of the paths itself keeps what it mounts."""
        taken = {mount.mount_path.rstrip("/") for mount in container.volume_mounts}
        made = []
        if not pod.spec.host_network and "/etc/hosts" not in taken:
            hosts = self._settings.pod_dir(pod.uid) / "etc-hosts"
            hosts.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            _write(hosts, network.hosts_file(pod, addresses, self._settings.domain), 0o644)
            made.append(Mount(str(hosts), "/etc/hosts"))
        path = container.termination_message_path
        if path and path.rstrip("/") not in taken:
            file = self._message_file(pod, container.name, attempt)
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, "", 0o666)
            made.append(Mount(str(file), path))
        return tuple(made)

    def message(self, pod: Pod, container: Container, ended: RuntimeContainer) -> str:
        """See `PodFiles.message`."""
        said = _head(self._message_file(pod, container.name, ended.attempt), MESSAGE_BYTES)
        if said or container.termination_message_policy != "FallbackToLogsOnError" or ended.exit_code == 0:
            return said
        log = self._settings.log_dir(pod.namespace, pod.name, pod.uid) / container.name / f"{ended.attempt}.log"
        return _log_tail(log)

    def clear(self, pod: Pod) -> None:
        """See `PodFiles.clear`."""
        shutil.rmtree(self._settings.log_dir(pod.namespace, pod.name, pod.uid), ignore_errors=True)

    def _message_file(self, pod: Pod, container: str, attempt: int) -> Path:
        return self._settings.pod_dir(pod.uid) / "containers" / container / str(attempt)


def _write(file: Path, text: str, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        os.fchmod(descriptor, mode)
        target.write(text)


def _head(file: Path, size: int) -> str:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as source:
        return source.read(size).decode(errors="replace")


def _log_tail(file: Path) -> str:
    try:
        with file.open("rb") as source:
            source.seek(0, os.SEEK_END)
            source.seek(max(0, source.tell() - 4 * LOG_BYTES))
            lines = source.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    texts = [line.split(" ", 3)[3] for line in lines if line.count(" ") >= 3]
    return "\n".join(texts[-LOG_LINES:])[-LOG_BYTES:]

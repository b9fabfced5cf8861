"""Keeps log files short: at most five of 10 MiB a container.

In: the running containers' log files. Out: renamed files, a runtime that writes to a new one. Followers notice by inode.
Rules: kubelet/logs/container_log_manager.go (containerLogMaxSize, containerLogMaxFiles), Kubernetes 1.32; no compression.
"""

import os
from pathlib import Path

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.nodeagent.marks import pod_of
from moorage.nodeagent.podspec import parse
from moorage.nodeagent.ports import ContainerState, RuntimeContainer, RuntimePod
from moorage.nodeagent.tools import Tools

_log = logger("nodeagent.rotation")
MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 5
LOOK_SECONDS = 10.0


class LogRotation:
    """Rotates the logs of one node."""

    def __init__(self, tools: Tools, max_bytes: int = MAX_BYTES) -> None:
        self._tools = tools
        self._max_bytes = max_bytes

    async def run(self) -> None:
        """Look at every log every few seconds, until cancelled."""
        while True:
            await self._tools.clock.sleep(LOOK_SECONDS)
            await self.once()

    async def once(self) -> None:
        """Rotate what has grown too long."""
        for pod in list(self._tools.relist.pods.values()):
            folder = self._folder(pod)
            for container in pod.containers if folder else ():
                if container.state is ContainerState.RUNNING:
                    await self._one(Path(folder) / container.name / f"{container.attempt}.log", container)

    def _folder(self, pod: RuntimePod) -> str:
        remembered = pod_of(pod.sandboxes[0].annotations) if pod.sandboxes else None
        return self._tools.files.log_directory(parse(remembered)) if remembered else ""

    async def _one(self, log: Path, container: RuntimeContainer) -> None:
        if _size(log) <= self._max_bytes:
            return
        stamp = self._tools.clock.now().strftime("%Y%m%d-%H%M%S")
        try:
            os.rename(log, f"{log}.{stamp}")
            await self._tools.runtime.reopen_log(container.id)
        except (OSError, RuntimeFailure, Unavailable) as error:
            _log.warning("log not rotated", log=log, problem=error)
        for surplus in surplus_files(log):
            surplus.unlink(missing_ok=True)


def surplus_files(log: Path) -> list[Path]:
    """Return the rotated files of a log beyond those that are kept, the oldest first."""
    rotated = sorted(log.parent.glob(f"{log.name}.*"))
    return rotated[: max(0, len(rotated) - (MAX_FILES - 1))]


def _size(log: Path) -> int:
    try:
        return os.lstat(log).st_size
    except OSError:
        return 0

"""Removes images nobody uses when the disk gets full.

In: the disk's use, images, what runs. Out: fewer images. Rules: kubelet's thresholds (85 %, down to 80 %), by image id:
the runtime drops all tags of an id at once (facts: runtime 3).
"""

import os
from collections.abc import Collection, Iterable

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.nodeagent.ports import RuntimeImage
from moorage.nodeagent.tools import Tools

_log = logger("nodeagent.images")
HIGH_PERCENT = 85.0
LOW_PERCENT = 80.0
LOOK_SECONDS = 300.0
OWN_PREFIX = "localhost/moorage/"
"""Images of the cluster itself (the sandbox's): never removed."""


def unused(images: Iterable[RuntimeImage], used: Collection[str]) -> list[RuntimeImage]:
    """Return the images that no container needs, the largest first.

    Args:
        images: all there are.
        used: references and ids that containers were made from or pods ask for.
    """
    free = [one for one in images if not _names(one) & set(used) and not _own(one)]
    return sorted(free, key=lambda one: (-one.size_bytes, one.id))


def _names(image: RuntimeImage) -> set[str]:
    return {image.id, *image.tags, *image.digests}


def _own(image: RuntimeImage) -> bool:
    return any(tag.startswith(OWN_PREFIX) for tag in image.tags)


class ImageCollector:
    """Watches one node's disk."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def run(self) -> None:
        """Look every few minutes, until cancelled."""
        while True:
            await self._tools.clock.sleep(LOOK_SECONDS)
            if self._used_percent() > HIGH_PERCENT:
                try:
                    await self._collect()
                except (RuntimeFailure, Unavailable) as error:
                    _log.warning("images not removed", problem=error)

    async def _collect(self) -> None:
        images = await self._tools.runtime.images()
        containers = [one for pod in self._tools.relist.pods.values() for one in pod.containers]
        used = {name for one in containers for name in (one.image, one.image_id)}
        for name in {one.image for one in containers}:
            present = await self._tools.runtime.image(name)
            used |= _names(present) if present else set()
        for image in unused(images, used):
            if self._used_percent() <= LOW_PERCENT:
                return
            _log.info("removing an unused image", image=image.tags or image.id)
            await self._tools.runtime.remove_image(image.id)

    def _used_percent(self) -> float:
        try:
            disk = os.statvfs(self._tools.settings.data_dir)
        except OSError:
            return 0.0
        return 100.0 * (1.0 - disk.f_bavail / max(disk.f_blocks, 1))

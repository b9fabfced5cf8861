"""Images through CRI: pull, look, list, remove.

In: references. Out: `RuntimeImage` values; a failed pull is a `RuntimeFailure` with kubelet's reason.
The sandbox image is the room's own business: it is neither listed nor removed.
"""

import contextlib
from collections.abc import Sequence

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import Calls, NotFound
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.layout import PAUSE_IMAGE
from moorage.nodeagent.ports import RuntimeImage

PULL_SECONDS = 3600.0
"""Deadline of one pull; large images on slow lines take their time."""
# containerd's words for a reference that cannot be parsed (distribution/reference).
INVALID = "invalid reference format"


class Images:
    """The images of one containerd.

    Args:
        calls: the connection.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def pull(self, image: str) -> RuntimeImage:
        """Fetch an image. Raises: RuntimeFailure `InvalidImageName` or `ErrImagePull`, Unavailable."""
        request = pb.PullImageRequest(image=pb.ImageSpec(image=image))
        try:
            reply = await self._calls.call(self._calls.images.PullImage, request, "ErrImagePull", PULL_SECONDS)
        except RuntimeFailure as failure:
            if INVALID in failure.message:
                raise RuntimeFailure("InvalidImageName", failure.message) from failure
            raise
        found = await self.get(reply.image_ref)
        if found is None:
            raise RuntimeFailure("ErrImagePull", f"{image} was fetched but removed again at once; try again")
        return found

    async def get(self, image: str) -> RuntimeImage | None:
        """Return a present image by reference or id; one that cannot be parsed is not present."""
        request = pb.ImageStatusRequest(image=pb.ImageSpec(image=image))
        try:
            reply = await self._calls.call(self._calls.images.ImageStatus, request, "ImageInspectError")
        except NotFound:
            return None
        except RuntimeFailure as failure:
            if INVALID in failure.message:
                return None
            raise
        return messages.image(reply.image) if reply.HasField("image") else None

    async def list(self) -> Sequence[RuntimeImage]:
        """Return every image but the sandbox's."""
        reply = await self._calls.call(self._calls.images.ListImages, pb.Empty(), "ImageInspectError")
        return [messages.image(found) for found in reply.images if PAUSE_IMAGE not in found.repo_tags]

    async def remove(self, image: str) -> None:
        """Remove an image with all its tags (CRI removes by id)."""
        request = pb.RemoveImageRequest(image=pb.ImageSpec(image=image))
        with contextlib.suppress(NotFound):
            await self._calls.call(self._calls.images.RemoveImage, request, "ImageRemoveError")

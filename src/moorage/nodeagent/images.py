"""Images of containers: when they are pulled, and how long after a failure.

In: a container's reference and policy. Out: a present `RuntimeImage`, or `RuntimeFailure` with the kubelet's reason.
Rules: kubelet/images/image_manager.go, Kubernetes 1.32.
"""

import re

from moorage.base.backoff import Backoff
from moorage.base.errors import RuntimeFailure
from moorage.base.limits import IMAGE_BACKOFF_SECONDS
from moorage.base.ports import Clock
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import Runtime, RuntimeImage

_REFERENCE = re.compile(
    r"(?:(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
    r"(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?"
)


class Images:
    """The images of one node.

    Args:
        runtime: what pulls.
        clock: for the back-off.
    """

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime = runtime
        self._clock = clock
        self._backoff = Backoff(*IMAGE_BACKOFF_SECONDS)
        self._not_before: dict[tuple[str, str], float] = {}
        self._errors: dict[tuple[str, str], RuntimeFailure] = {}

    async def ensure(self, pod: Pod, container: Container, events: PodEvents) -> RuntimeImage:
        """Return the image of a container, pulled if its policy asks for it.

        Raises:
            RuntimeFailure: InvalidImageName, ErrImageNeverPull, ErrImagePull or ImagePullBackOff.
            Unavailable: the runtime cannot answer.
        """
        name = container.image
        if not _REFERENCE.fullmatch(name):
            raise _invalid(container, events)
        present = None if container.image_pull_policy == "Always" else await self._runtime.image(name)
        if present is not None:
            events.normal("Pulled", f'Container image "{name}" already present on machine', container.name)
            return present
        if container.image_pull_policy == "Never":
            text = f'Container image "{name}" is not present with pull policy of Never'
            events.warning("ErrImageNeverPull", text, container.name)
            raise RuntimeFailure("ErrImageNeverPull", text)
        return await self._pull(pod, container, events)

    def retry_at(self, pod: Pod, container: Container) -> float:
        """Return when (monotonic seconds) the next pull is allowed, 0.0 for now."""
        return self._not_before.get((pod.uid, container.image), 0.0)

    def forget(self, uid: str) -> None:
        """Drop what is known of a pod's pulls."""
        for key in [key for key in self._not_before if key[0] == uid]:
            self._succeeded(key)

    async def _pull(self, pod: Pod, container: Container, events: PodEvents) -> RuntimeImage:
        key, name = (pod.uid, container.image), container.image
        if self._clock.monotonic() < self._not_before.get(key, 0.0):
            text = f'Back-off pulling image "{name}"'
            events.normal("BackOff", text, container.name)
            last = self._errors.get(key)
            raise RuntimeFailure("ImagePullBackOff", f"{text}: {last.reason}: {last.message}" if last else text)
        events.normal("Pulling", f'Pulling image "{name}"', container.name)
        began = self._clock.monotonic()
        try:
            image = await self._runtime.pull_image(name)
        except RuntimeFailure as failure:
            self._errors[key] = failure
            self._not_before[key] = self._clock.monotonic() + self._backoff.failed(key)
            events.warning("Failed", f'Failed to pull image "{name}": {failure.message}', container.name)
            raise
        self._succeeded(key)
        took = go_duration(self._clock.monotonic() - began)
        size = f"Image size: {image.size_bytes} bytes."
        text = f'Successfully pulled image "{name}" in {took} ({took} including waiting). {size}'
        events.normal("Pulled", text, container.name)
        return image

    def _succeeded(self, key: tuple[str, str]) -> None:
        self._backoff.succeeded(key)
        self._not_before.pop(key, None)
        self._errors.pop(key, None)


def _invalid(container: Container, events: PodEvents) -> RuntimeFailure:
    name = container.image
    reason = f'couldn\'t parse image name "{name}": invalid reference format'
    text = f'Failed to apply default image tag "{name}": {reason}'
    events.warning("InspectFailed", text, container.name)
    return RuntimeFailure("InvalidImageName", text)


def go_duration(seconds: float) -> str:
    """Return a duration as Go prints it, to the millisecond: 350ms, 1.25s, 1m2s."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    text = f"{rest:.3f}".rstrip("0").rstrip(".")
    return f"{int(minutes)}m{text}s" if minutes else f"{text}s"

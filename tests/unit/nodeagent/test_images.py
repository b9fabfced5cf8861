"""Images: when they are pulled, what is said, how failures wait; and which may be removed."""

import asyncio
from typing import Any

import pytest

from moorage.base.errors import RuntimeFailure
from moorage.base.system import SystemIds
from moorage.client.api import Api
from moorage.nodeagent.events import PodEvents, Recorder
from moorage.nodeagent.imagegc import unused
from moorage.nodeagent.images import Images, go_duration
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.ports import RuntimeImage
from moorage.sim.runtime import Physics, SimRuntime
from tests.fakes.clock import ManualClock
from tests.fakes.podserver import PodServer
from tests.unit.nodeagent.kit import pod


class Bench:
    """Images of a made-up node, and the events they caused."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.server = PodServer()
        self.recorder = Recorder(Api(self.server), "node-0", self.clock, SystemIds())
        self.runtime = SimRuntime(self.clock, SystemIds(), "10.42.0.0/24", Physics(pull_seconds=0.0))
        self.images = Images(self.runtime, self.clock)

    async def ensure(self, one: Pod) -> RuntimeImage:
        """Ensure the image of the pod's container."""
        events = PodEvents(self.recorder, one)
        task = asyncio.get_running_loop().create_task(self.images.ensure(one, one.spec.containers[0], events))
        await self.clock.advance(0.0)
        return await task

    async def refused(self, one: Pod) -> RuntimeFailure:
        """Return why the image cannot be had."""
        with pytest.raises(RuntimeFailure) as caught:
            await self.ensure(one)
        return caught.value

    async def reasons(self) -> list[str]:
        """Return the reasons of all events."""
        await self.recorder.flush()
        return [reason for reason, _ in self.server.events()]


def image(reference: str, policy: str = "IfNotPresent") -> Pod:
    return pod(containers=[{"name": "web", "image": reference, "imagePullPolicy": policy}])


def run(story: Any) -> None:
    asyncio.run(story(Bench()))


def test_a_present_image_is_not_pulled_unless_the_policy_says_always() -> None:
    async def story(bench: Bench) -> None:
        await bench.ensure(image("busybox:1"))
        await bench.ensure(image("busybox:1"))
        assert await bench.reasons() == ["Pulling", "Pulled", "Pulled"]
        await bench.ensure(image("busybox:1", "Always"))
        assert await bench.reasons() == ["Pulling", "Pulled", "Pulled"]

    run(story)


def test_never_means_never() -> None:
    async def story(bench: Bench) -> None:
        failure = await bench.refused(image("busybox:1", "Never"))
        assert failure.reason == "ErrImageNeverPull"
        assert failure.message == 'Container image "busybox:1" is not present with pull policy of Never'

    run(story)


@pytest.mark.parametrize("reference", ["Bad Name", "UPPER", "a:b:c", "", "a//b"])
def test_an_invalid_name_is_no_pull(reference: str) -> None:
    async def story(bench: Bench) -> None:
        assert (await bench.refused(image(reference))).reason == "InvalidImageName"

    run(story)


@pytest.mark.parametrize("reference", ["a", "host:5000/a/b:c", "a.b/c@sha256:" + "0" * 64, "ikubernetes/myapp:v5"])
def test_valid_names_are_taken(reference: str) -> None:
    async def story(bench: Bench) -> None:
        assert (await bench.ensure(image(reference))).tags

    run(story)


def test_failures_wait_ten_seconds_then_twenty() -> None:
    async def story(bench: Bench) -> None:
        one, seen = image("missing:1"), []
        for _ in range(7):
            seen.append((await bench.refused(one)).reason)
            await bench.clock.advance(6.0)
        assert seen == [
            "ErrImagePull",
            "ImagePullBackOff",
            "ErrImagePull",
            "ImagePullBackOff",
            "ImagePullBackOff",
            "ImagePullBackOff",
            "ErrImagePull",
        ]

    run(story)


def test_equal_events_are_counted() -> None:
    async def story(bench: Bench) -> None:
        events = PodEvents(bench.recorder, pod())
        for _ in range(3):
            events.warning("Unhealthy", "no", "web")
        await bench.recorder.flush()
        (found,) = [one for path, one in bench.server.objects.items() if "/events/" in path]
        assert found["count"] == 3
        assert found["involvedObject"]["fieldPath"] == "spec.containers{web}"
        assert found["source"] == {"component": "kubelet", "host": "node-0"}

    run(story)


def test_images_in_use_and_the_clusters_own_are_kept() -> None:
    used = RuntimeImage("sha256:1", ("a:1",), ("a@sha256:d",), 5)
    free = RuntimeImage("sha256:2", ("b:1",), (), 1)
    big = RuntimeImage("sha256:3", ("c:1",), (), 9)
    pause = RuntimeImage("sha256:4", ("localhost/moorage/pause:1",), (), 1)
    assert unused([used, free, big, pause], {"a@sha256:d"}) == [big, free]


@pytest.mark.parametrize(("seconds", "text"), [(0.35, "350ms"), (1.25, "1.25s"), (62.0, "1m2s")])
def test_durations_read_as_gos(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text

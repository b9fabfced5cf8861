"""How fast the live cluster is, and what fails on it already.

In: live pods. Out: a `Pace` for the copy's nodes, and the `Estimate` behind it. A pod's start is measured from its creation to
the moment it became Ready, where none of its containers was ever restarted. Pure.
"""

import datetime
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from moorage.api import meta, owners
from moorage.api.owners import OwnerReference
from moorage.api.refs import Document
from moorage.api.times import parse_time
from moorage.sim.pace import Pace, Range

GUESS_SECONDS = 2.0
"""What a start takes where nothing like it was seen."""
STOP_SECONDS = 1.0
"""What an orderly stop takes: nothing on the cluster says how long earlier ones took."""
_REVISION = "controller-revision-hash"
_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})


@dataclass(slots=True)
class Tempo:
    """What was measured, and what of it was used.

    Args:
        by_owner: start seconds by uid of the controller, the median of its pods.
        by_image: likewise by image of the first container.
        images: images that cannot be pulled.
        revisions: revisions whose containers crash.
        used: one sentence a source of start times.
    """

    by_owner: dict[str, float]
    by_image: dict[str, float]
    images: frozenset[str]
    revisions: frozenset[str]
    used: dict[str, None] = field(default_factory=dict)

    def pace(self) -> Pace:
        """Return how fast the copy's nodes are."""
        return Pace(self._start, _at_once, _stop, self.failure)

    def failure(self, pod: Document) -> str:
        """Return why a pod would not start, as far as the live cluster shows."""
        if any(image in self.images for image in _images(pod)):
            return "ImagePullBackOff"
        return "CrashLoopBackOff" if meta.labels(pod).get(_REVISION) in self.revisions else ""

    def _start(self, pod: Document) -> Range:
        owner = owners.controller_of(pod)
        name = f"{owner['kind']} {owner['name']}" if owner else f"Pod {meta.name(pod)}"
        seconds, source = self._estimate(pod, owner)
        self.used[f"a pod of {name} takes {seconds:.1f}s to become Ready ({source})"] = None
        return seconds, seconds

    def _estimate(self, pod: Document, owner: OwnerReference | None) -> tuple[float, str]:
        if owner and owner["uid"] in self.by_owner:
            return self.by_owner[owner["uid"]], "median of its pods"
        image = _images(pod)[0]
        if image in self.by_image:
            return self.by_image[image], f"median of pods with image {image}"
        return GUESS_SECONDS, "a guess: no such pod was seen"


def measured(pods: Iterable[Document]) -> Tempo:
    """Return the tempo of live pods. O(pods)."""
    by_owner: dict[str, list[float]] = {}
    by_image: dict[str, list[float]] = {}
    images: set[str] = set()
    revisions: set[str] = set()
    for pod in pods:
        seconds = _start_seconds(pod)
        owner = owners.controller_of(pod)
        if seconds is not None:
            by_image.setdefault(_images(pod)[0], []).append(seconds)
            if owner:
                by_owner.setdefault(owner["uid"], []).append(seconds)
        for image, reason in _waiting(pod):
            if reason in _PULLING:
                images.add(image)
            elif reason == "CrashLoopBackOff" and _REVISION in meta.labels(pod):
                revisions.add(meta.labels(pod)[_REVISION])
    return Tempo(_medians(by_owner), _medians(by_image), frozenset(images), frozenset(revisions))


def _medians(found: dict[str, list[float]]) -> dict[str, float]:
    return {key: statistics.median(values) for key, values in found.items()}


def _start_seconds(pod: Document) -> float | None:
    """Return how long a pod took from creation to Ready; None where it is not, or not any more its first time."""
    status = pod.get("status") or {}
    if any(one.get("restartCount") for one in status.get("containerStatuses") or ()):
        return None
    for one in status.get("conditions") or ():
        if one["type"] == "Ready" and one["status"] == "True":
            created, ready = meta.metadata(pod)["creationTimestamp"], one["lastTransitionTime"]
            return max(0.0, _difference(parse_time(ready), parse_time(created)))
    return None


def _difference(later: datetime.datetime, earlier: datetime.datetime) -> float:
    return (later - earlier).total_seconds()


def _waiting(pod: Document) -> Iterable[tuple[str, str]]:
    """Yield image and reason of each container that waits."""
    for one in (pod.get("status") or {}).get("containerStatuses") or ():
        reason = ((one.get("state") or {}).get("waiting") or {}).get("reason")
        if reason:
            spec = next((each for each in pod["spec"]["containers"] if each["name"] == one["name"]), one)
            yield spec["image"], reason


def _images(pod: Document) -> Sequence[str]:
    return [one["image"] for one in pod["spec"]["containers"]]


def _at_once(_pod: Document) -> Range:
    return 0.0, 0.0


def _stop(pod: Document) -> Range:
    seconds = min(STOP_SECONDS, float(meta.deletion_grace_seconds(pod) or 0))
    return seconds, seconds

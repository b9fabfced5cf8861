"""How fast the live cluster is, and what fails on it already.

In: live pods. Out: a `Pace` for the copy's nodes, and the `Estimate` behind it. A pod's start is measured from its creation to
the moment it became Ready, where none of its containers was ever restarted. Pure.
"""

import datetime
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from moorage.api import conditions, meta, owners
from moorage.api.owners import OwnerReference
from moorage.api.refs import Document
from moorage.api.times import parse_time
from moorage.cli.gather import Gathered
from moorage.sim.pace import Pace, Range
from moorage.sim.podreport import finished, says_ready
from moorage.why import containers
from moorage.why.picture import Picture, no_plans

GUESS_SECONDS = 2.0
"""What a start takes where nothing like it was seen."""
STOP_SECONDS = 1.0
"""What an orderly stop takes: nothing on the cluster says how long earlier ones took."""
_REVISION = "controller-revision-hash"
PATIENCE_SECONDS = 60.0
"""Age at which a pod whose probe fails is taken not to become Ready any more."""
_CRASHING = frozenset({"CrashLoop", "OutOfMemory", "ContainerCannotStart", "ContainerConfigInvalid"})
_LASTING = _CRASHING | {"ImageNameInvalid", "ImageNotPresent", "ImagePullDenied", "ImagePullFailed"}
_PROBES = frozenset({"LivenessProbeFailing", "ReadinessProbeFailing", "StartupProbeFailing"})
_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})


@dataclass(slots=True)
class Tempo:
    """What was measured, and what of it was used.

    Args:
        by_owner: start seconds by uid of the controller, the median of its pods.
        by_image: likewise by image of the first container.
        images: images that cannot be pulled.
        revisions: revisions whose containers crash, and no pod of them is Ready.
        stuck: uids of pods in trouble that does not end by itself.
        seen: images of pods that are Ready.
        used: one sentence a source of start times.
    """

    by_owner: dict[str, float]
    by_image: dict[str, float]
    images: frozenset[str]
    revisions: frozenset[str]
    stuck: frozenset[str]
    seen: frozenset[str]
    used: dict[str, None] = field(default_factory=dict)

    def pace(self) -> Pace:
        """Return how fast the copy's nodes are."""
        return Pace(self._start, _at_once, _stop, self.failure, lambda pod: meta.uid(pod) in self.stuck)

    def failure(self, pod: Document) -> str:
        """Return why a pod would not start, as far as the live cluster shows."""
        if any(image in self.images for image in _images(pod)):
            return "ImagePullBackOff"
        return "CrashLoopBackOff" if _revision(pod) in self.revisions else ""

    def _start(self, pod: Document) -> Range:
        owner = owners.controller_of(pod)
        name = f"{owner['kind']} {owner['name']}" if owner else f"Pod {meta.name(pod)}"
        seconds, source = self._estimate(pod, owner)
        self.used[f"a pod of {name} takes {seconds:.1f}s to become Ready ({source})"] = None
        for image in sorted({*_images(pod)} - self.seen - self.images):
            self.used[f"image {image} can be pulled (no pod that is Ready uses it; pulling it takes time on top)"] = (
                None
            )
        return seconds, seconds

    def _estimate(self, pod: Document, owner: OwnerReference | None) -> tuple[float, str]:
        if owner and owner["uid"] in self.by_owner:
            return self.by_owner[owner["uid"]], "median of its pods"
        image = _images(pod)[0]
        if image in self.by_image:
            return self.by_image[image], f"median of pods with image {image}"
        return GUESS_SECONDS, "a guess: no such pod was seen"


def measured(pods: Iterable[Document], now: datetime.datetime) -> Tempo:
    """Return the tempo of live pods at a time. O(pods)."""
    listed = list(pods)
    by_owner: dict[str, list[float]] = {}
    by_image: dict[str, list[float]] = {}
    for pod in listed:
        seconds = _start_seconds(pod)
        owner = owners.controller_of(pod)
        if seconds is not None:
            by_image.setdefault(_images(pod)[0], []).append(seconds)
            if owner:
                by_owner.setdefault(owner["uid"], []).append(seconds)
    ready = [pod for pod in listed if says_ready(pod)]
    seen = frozenset(image for pod in ready for image in _images(pod))
    troubled = {meta.uid(pod): _trouble(pod, now) for pod in listed}
    crashing = {_revision(pod) for pod in listed if troubled[meta.uid(pod)] & _CRASHING}
    waiting = {image for pod in listed for image, reason in _waiting(pod) if reason in _PULLING}
    return Tempo(
        _medians(by_owner),
        _medians(by_image),
        frozenset(waiting) - seen,
        frozenset(crashing - {_revision(pod) for pod in ready} - {""}),
        frozenset(uid for uid, gates in troubled.items() if gates),
        seen,
    )


def _trouble(pod: Document, now: datetime.datetime) -> frozenset[str]:
    """Return the gates of a pod's containers that stay closed; a probe may fail for a while before it passes."""
    if says_ready(pod) or finished(pod) or meta.is_deleting(pod):
        return frozenset()
    gates = {found.gate for found in containers.reasons(pod, Picture(Gathered({}, ()), no_plans, now))}
    created = meta.creation_time(pod)
    young = created is None or (now - created).total_seconds() < PATIENCE_SECONDS
    return frozenset(gates & (_LASTING if young else _LASTING | _PROBES))


def _revision(pod: Document) -> str:
    return meta.labels(pod).get(_REVISION, "")


def _medians(found: dict[str, list[float]]) -> dict[str, float]:
    return {key: statistics.median(values) for key, values in found.items()}


def _start_seconds(pod: Document) -> float | None:
    """Return how long a pod took from creation to Ready; None where it is not, or not any more its first time."""
    status = pod.get("status") or {}
    if any(one.get("restartCount") for one in status.get("containerStatuses") or ()):
        return None
    created, ready = meta.creation_time(pod), conditions.find(conditions.conditions(pod), "Ready")
    if created is None or ready is None or ready["status"] != "True":
        return None
    return max(0.0, (parse_time(ready["lastTransitionTime"]) - created).total_seconds())


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

"""What a plan measures of live pods, and how the copy's history becomes steps."""

import datetime
import itertools
from typing import Any

import pytest

from moorage.cli.output import foresights
from moorage.cli.plan.foresight import Foresight
from moorage.cli.plan.steps import Step, told
from moorage.cli.plan.tempo import GUESS_SECONDS, measured
from moorage.sim.recording import StateChange
from moorage.sim.seeds import START

OWNER = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "set", "controller": True}


def pod(name: str = "web-0", image: str = "one", **more: Any) -> dict[str, Any]:
    labels = {"controller-revision-hash": "web-1", "apps.kubernetes.io/pod-index": name[-1]}
    metadata = {"name": name, "namespace": "d", "uid": name, "labels": labels, "ownerReferences": [OWNER]}
    return {
        "kind": "Pod",
        "metadata": {**metadata, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "c", "image": image}]},
        "status": more,
    }


def ready(seconds: int, restarts: int = 0) -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": f"2026-01-01T00:00:{seconds:02d}Z"}
    return {"conditions": [condition], "containerStatuses": [{"name": "c", "restartCount": restarts}]}


def waiting(reason: str) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "c", "restartCount": 0, "state": {"waiting": {"reason": reason}}}]}


def test_a_start_is_the_median_of_the_sets_pods_that_never_restarted() -> None:
    tempo = measured(
        [pod("web-0", **ready(3)), pod("web-1", **ready(9)), pod("web-2", **ready(4)), pod("web-3", **ready(59, 1))],
        START,
    )
    assert tempo.pace().start(pod("web-4")) == (4.0, 4.0)
    assert list(tempo.used) == ["a pod of StatefulSet web takes 4.0s to become Ready (median of its pods)"]


def test_without_pods_of_the_set_the_image_counts_and_then_a_guess() -> None:
    tempo = measured([pod(image="known", **ready(7))], START)
    stranger = {**pod(image="known"), "metadata": {"name": "x", "uid": "x"}}
    assert tempo.pace().start(stranger) == (7.0, 7.0)
    stranger["spec"] = {"containers": [{"name": "c", "image": "new"}]}
    assert tempo.pace().start(stranger) == (GUESS_SECONDS, GUESS_SECONDS)


@pytest.mark.parametrize(
    ("reason", "same", "other"),
    [
        ("ImagePullBackOff", "ImagePullBackOff", ""),
        ("CrashLoopBackOff", "CrashLoopBackOff", "CrashLoopBackOff"),
        ("ContainerCreating", "", ""),
    ],
)
def test_what_fails_live_fails_in_the_copy(reason: str, same: str, other: str) -> None:
    tempo = measured([pod(image="bad", **waiting(reason))], START)
    assert tempo.failure(pod("web-1", image="bad")) == same
    assert tempo.failure(pod("web-1", image="good")) == other


CRASHED = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 3}}}
UNREADY = {"state": {"running": {}}, "ready": False}


def troubled(name: str, container: dict[str, Any]) -> dict[str, Any]:
    found = pod(name, phase="Running", containerStatuses=[{"name": "c", "restartCount": 1, **container}])
    found["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 1}}
    return found


@pytest.mark.parametrize(
    ("container", "age", "stuck", "fails"),
    [
        (CRASHED, 5, True, "CrashLoopBackOff"),
        (UNREADY, 5, False, ""),
        (UNREADY, 100, True, ""),
        ({"state": {"waiting": {"reason": "ContainerCreating"}}}, 100, False, ""),
    ],
)
def test_a_pod_in_trouble_stays_in_trouble(container: dict[str, Any], age: int, fails: str, *, stuck: bool) -> None:
    tempo = measured([troubled("web-0", container)], START + datetime.timedelta(seconds=age))
    assert tempo.pace().stuck(troubled("web-0", container)) is stuck
    assert not tempo.pace().stuck(pod("web-1"))
    assert tempo.failure(pod("web-1")) == fails


def test_a_revision_that_works_elsewhere_is_not_taken_to_fail() -> None:
    tempo = measured([troubled("web-0", CRASHED), pod("web-1", image="bad", **ready(2))], START)
    assert tempo.failure(pod("web-2")) == ""
    waits = pod("web-0", image="bad", **waiting("ErrImagePull"))
    assert measured([waits, pod("web-1", image="bad", **ready(2))], START).failure(pod("web-2", image="bad")) == ""


def change(revision: int, before: Any, after: Any, resource: str = "pods") -> StateChange:
    return StateChange(revision, 10.0 + revision, "a", resource, "d/x", before, after)


def a_set(replicas: int, revision: str) -> dict[str, Any]:
    spec = {"replicas": replicas}
    metadata = {"name": "web", "namespace": "d", "uid": "set"}
    return {"kind": "StatefulSet", "metadata": metadata, "spec": spec, "status": {"updateRevision": revision}}


@pytest.mark.parametrize(
    ("replicas", "revision", "why"),
    [(1, "web-1", "one too many"), (2, "web-2", "for revision web-2"), (2, "web-1", "replaced")],
)
def test_a_deletion_says_why(replicas: int, revision: str, why: str) -> None:
    ending = pod("web-1")
    ending["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:09Z"
    old, new = a_set(2, "web-1"), a_set(replicas, revision)
    # The controller deletes first and writes the status after.
    history = [change(1, pod("web-1"), ending), change(2, old, new, "statefulsets")]
    assert told(history, [old], 10.0) == [Step(1.0, "delete", "Pod", "d", "web-1", why)]


def test_claims_are_made_grow_and_go() -> None:
    def claim(asked: str, has: str = "") -> dict[str, Any]:
        capacity = {"capacity": {"storage": has}} if has else {}
        spec = {"resources": {"requests": {"storage": asked}}}
        return {"kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": spec, "status": capacity}

    forms = [None, claim("1Gi"), claim("1Gi", "1Gi"), claim("2Gi", "1Gi"), claim("2Gi", "2Gi"), None]
    history = [
        change(index, before, after, "persistentvolumeclaims")
        for index, (before, after) in enumerate(itertools.pairwise(forms))
    ]
    steps = [(step.verb, step.detail) for step in told(history, [], 0.0)]
    assert steps == [("create", "1Gi"), ("grow", "1Gi -> 2Gi"), ("grown", "2Gi"), ("gone", "")]


def test_a_plan_ends_with_what_it_amounts_to() -> None:
    done = Foresight(
        START, [("statefulset.apps/web", "created")], steps=[Step(50.0, "create", "Pod", "d", "web-0")], seconds=61.0
    )
    assert "It completes after 61s: 1 pod created, 0 deleted, 0 claims created." in foresights.story(done)
    refused = Foresight(START, refused=[("statefulset.apps/web", "no")])
    assert foresights.story(refused) == "statefulset.apps/web refused: no\n\nIt does not complete: see what is refused."
    assert foresights.story(Foresight(START)) == "It completes: nothing would change."

"""The laws of what goes beyond Kubernetes notice: plans that break one are caught by it."""

import datetime

import pytest

from moorage.api import removal
from moorage.api.refs import Document
from moorage.controllers.statefulset import laws, options, pods, teardown
from moorage.controllers.statefulset.snapshot import ZONE_LABEL, Snapshot
from moorage.reconcile.plan import Plan
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
HOOK = {"exec": {"command": ["leave"]}}


def _broken(picture: Snapshot, name: str, *, as_seen: bool = False) -> set[str]:
    """Return the laws that deleting one pod breaks."""
    gone = [pods.deletion(picture.spec, one, as_seen=as_seen) for one in picture.pods if one.key.name == name]
    return {text.partition(":")[0] for text in laws.check(picture, Plan(steps=tuple(gone)), NOW)}


def _labelled(pod: Document, **labels: str) -> Document:
    return {**pod, "metadata": {**pod["metadata"], "labels": {**pod["metadata"]["labels"], **labels}}}


def test_groups() -> None:
    owner = make.stateful_set(
        {"currentRevision": make.revision_name("app:0")},
        {"annotations": {options.UPDATE_ORDER: "zone"}},
        podManagementPolicy="Parallel",
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 3}},
    )
    states = (("ready", "a"), ("running", "b"), ("ready", "a"))
    old = [
        _labelled(make.pod(f"web-{index}", "app:0", state), **{ZONE_LABEL: zone})
        for index, (state, zone) in enumerate(states)
    ]
    picture = make.snapshot(owner, make.revision(1, "app:0"), make.revision(2), *old)
    assert _broken(picture, "web-2") == {"BE3"}
    assert _broken(picture, "web-1") == set()


@pytest.mark.parametrize(("answered", "broken"), [("", {"BE7"}), ("6", {"BE7"}), ("7", set())])
def test_hooks(answered: str, broken: set[str]) -> None:
    metadata = {"annotations": {options.PRE_REMOVAL: '{"exec":{"command":["leave"]}}'}}
    asked = {removal.REQUEST: removal.request_text(removal.Request("7", HOOK))}
    pod = make.pod("web-1", annotations=asked)
    if answered:
        pod["status"]["conditions"].append(removal.answer(removal.Request(answered, HOOK), "done", prepared=True))
    owner = make.stateful_set(metadata=metadata, replicas=1)
    picture = make.snapshot(owner, make.revision(), make.pod("web-0"), pod)
    assert _broken(picture, "web-1") == broken


@pytest.mark.parametrize(
    ("name", "as_seen", "finalizers", "broken"),
    [
        ("web-1", True, [teardown.FINALIZER], set()),
        ("web-1", False, [teardown.FINALIZER], {"BE6"}),
        ("web-0", True, [teardown.FINALIZER], {"BE6"}),
        ("web-1", True, [teardown.FINALIZER, "orphan"], {"BE6"}),
        ("web-1", True, [], {"OR8"}),
    ],
)
def test_taking_down(name: str, *, as_seen: bool, finalizers: list[str], broken: set[str]) -> None:
    metadata = {
        "annotations": {options.ORDERED_DELETE: "true"},
        "finalizers": finalizers,
        "deletionTimestamp": "2026-01-01T00:00:00Z",
    }
    owner = make.stateful_set(metadata=metadata, replicas=2)
    picture = make.snapshot(owner, make.revision(), make.pod("web-0"), make.pod("web-1"))
    found = _broken(picture, name, as_seen=as_seen)
    assert found >= broken
    assert bool(found & {"BE6", "OR8"}) == bool(broken)

"""Keep, adopt, release, ignore: the whole table."""

from typing import Any

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PODS, REPLICASETS
from moorage.api.views import view
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Confirm, Patch
from moorage.reconcile.adoption import Claim, claim
from tests.fakes.caches import thing

LEAVING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
OURS = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": "uid-rs", "controller": True}
OTHERS = {**OURS, "name": "other", "uid": "uid-other"}


def _cached(document: Document) -> Cached[Any]:
    metadata = document["metadata"]
    return Cached(ObjectKey(metadata["namespace"], metadata["name"]), document, view(PODS, document), 1)


def _pod(*owners: Document, app: str = "web", **metadata: Any) -> Cached[Any]:
    return _cached(thing(PODS, "p", {"ownerReferences": [*owners], "labels": {"app": app}, **metadata}))


def _judge(pod: Cached[Any], **owner: Any) -> tuple[bool, list[str]]:
    """Return whether the pod is kept, and what is written."""
    wish = Claim(
        _cached(thing(REPLICASETS, "rs", owner)),
        REPLICASETS,
        PODS,
        lambda one: one.view.metadata.labels["app"] == "web",
    )
    claimed = claim(wish, [pod])
    verbs = []
    for write in claimed.writes:
        if isinstance(write, Confirm):
            verbs.append("confirm")
        elif isinstance(write, Patch):
            (reference,) = write.body["metadata"]["ownerReferences"]
            verbs.append("release" if "$patch" in reference else "adopt")
    return claimed.kept == (pod,), verbs


@pytest.mark.parametrize(
    ("pod", "owner", "kept", "writes"),
    [
        (_pod(OTHERS), {}, False, []),
        (_pod(OURS), {}, True, []),
        (_pod(OURS, app="x"), {}, False, ["release"]),
        (_pod(OURS, app="x"), LEAVING, True, []),
        (_pod(), {}, False, ["confirm", "adopt"]),
        (_pod(), LEAVING, False, []),
        (_pod(**LEAVING), {}, False, []),
        (_pod(app="x"), {}, False, []),
        (_pod({**OTHERS, "controller": False}), {}, False, ["confirm", "adopt"]),
    ],
)
def test_the_table(pod: Cached[Any], owner: Document, kept: bool, writes: list[str]) -> None:  # noqa: FBT001  a table
    assert _judge(pod, **owner) == (kept, writes)


def test_an_adoption_names_both_uids() -> None:
    wish = Claim(_cached(thing(REPLICASETS, "rs")), REPLICASETS, PODS, lambda one: True)
    confirm, patch = claim(wish, [_pod()]).writes
    assert confirm == Confirm(REPLICASETS, ObjectKey("default", "rs"), "uid-rs")
    assert isinstance(patch, Patch)
    assert (patch.uid, patch.kind) == ("uid-p", "strategic")
    (reference,) = patch.body["metadata"]["ownerReferences"]
    assert reference == {**OURS, "blockOwnerDeletion": True}

"""Rollout texts are kubectl 1.32's, one test a row of its table (fact sheet statefulset.md 1.9)."""

from typing import Any

import pytest

from moorage.base.errors import UserError
from moorage.cli.output import rollouts


def workload(**status: Any) -> dict[str, Any]:
    spec = {
        "replicas": 3,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:2"}]}},
    }
    good = {"observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 2, "currentReplicas": 1}
    names = {"currentRevision": "web-a", "updateRevision": "web-b"}
    metadata = {"name": "web", "generation": 2, "uid": "u"}
    return {"metadata": metadata, "spec": spec, "status": {**good, **names, **status}}


def plain(**status: Any) -> dict[str, Any]:
    made = workload(**status)
    made["spec"]["updateStrategy"] = {"type": "RollingUpdate"}
    return made


def revision(number: int, image: str, cause: str = "", owner: str = "u") -> dict[str, Any]:
    template = {
        "$patch": "replace",
        "metadata": {"creationTimestamp": None, "labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": image, "resources": {}}]},
    }
    return {
        "metadata": {
            "name": f"web-{number}",
            "annotations": {rollouts.CHANGE_CAUSE: cause} if cause else {},
            "ownerReferences": [{"controller": True, "uid": owner}],
        },
        "revision": number,
        "data": {"spec": {"template": template}},
    }


HISTORY = [revision(1, "i:1", "first"), revision(2, "i:2")]


@pytest.mark.parametrize(
    ("found", "text", "done"),
    [
        (workload(observedGeneration=1), "Waiting for statefulset spec update to be observed...", False),
        (workload(observedGeneration=0), "Waiting for statefulset spec update to be observed...", False),
        (workload(readyReplicas=1), "Waiting for 2 pods to be ready...", False),
        (
            workload(updatedReplicas=1),
            "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
            False,
        ),
        (workload(), "partitioned roll out complete: 2 new pods have been updated...", True),
        (plain(), "waiting for statefulset rolling update to complete 2 pods at revision web-b...", False),
        (
            plain(currentRevision="web-b", currentReplicas=3),
            "statefulset rolling update complete 3 pods at revision web-b...",
            True,
        ),
    ],
)
def test_status(found: dict[str, Any], text: str, *, done: bool) -> None:
    assert rollouts.progress(found) == (text, done)


def test_status_of_on_delete_is_refused() -> None:
    found = workload()
    found["spec"]["updateStrategy"] = {"type": "OnDelete"}
    with pytest.raises(UserError, match="only available for RollingUpdate"):
        rollouts.progress(found)


def test_history_is_the_sets_own_in_order() -> None:
    foreign = revision(3, "x", owner="somebody else")
    own = rollouts.own([HISTORY[1], foreign, HISTORY[0]], workload())
    assert rollouts.history(own) == "REVISION  CHANGE-CAUSE\n1         first\n2         <none>\n"


def test_details_show_the_template_with_its_tabs() -> None:
    text = rollouts.details(HISTORY, 1)
    assert text.startswith("Pod Template:\n  Labels:\ta=b\n  Containers:\n   c:\n    Image:\ti:1\n")
    with pytest.raises(UserError, match="unable to find the specified revision"):
        rollouts.details(HISTORY, 7)


def test_undo_goes_to_the_last_but_one_or_the_one_named() -> None:
    assert rollouts.undo_target(HISTORY, 0)["revision"] == 1
    assert rollouts.undo_target(HISTORY, 2)["revision"] == 2
    with pytest.raises(UserError, match="unable to find specified revision 5 in history"):
        rollouts.undo_target(HISTORY, 5)
    with pytest.raises(UserError, match="no last revision to roll back to"):
        rollouts.undo_target(HISTORY[:1], 0)


def test_nulls_and_empty_structs_of_an_encoded_revision_do_not_count() -> None:
    assert rollouts.is_current(workload(), HISTORY[1])
    assert not rollouts.is_current(workload(), HISTORY[0])

"""Rollout texts are kubectl 1.32's, one test a row of its table (fact sheet statefulset.md 1.9)."""

from typing import Any

import pytest

from moorage.base.errors import UserError
from moorage.cli.output import rollouts
from moorage.cli.output.progress import of_deployment, of_set


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


RECORDS = [revision(1, "i:1", "first"), revision(2, "i:2")]
HISTORY = rollouts.of_controller_revisions(RECORDS, workload())


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
    assert of_set(found, 0) == (text, done)


def test_status_of_on_delete_is_refused() -> None:
    found = workload()
    found["spec"]["updateStrategy"] = {"type": "OnDelete"}
    with pytest.raises(UserError, match="only available for RollingUpdate"):
        of_set(found, 0)


def test_history_is_the_sets_own_in_order() -> None:
    foreign = revision(3, "x", owner="somebody else")
    own = rollouts.of_controller_revisions([RECORDS[1], foreign, RECORDS[0]], workload())
    assert rollouts.history(own) == "REVISION  CHANGE-CAUSE\n1         first\n2         <none>\n"


def test_details_show_the_template_with_its_tabs() -> None:
    text = rollouts.details(HISTORY, 1)
    assert text.startswith("Pod Template:\n  Labels:\ta=b\n  Containers:\n   c:\n    Image:\ti:1\n")
    with pytest.raises(UserError, match="unable to find the specified revision"):
        rollouts.details(HISTORY, 7)


def test_undo_goes_to_the_last_but_one_or_the_one_named() -> None:
    assert rollouts.undo_target(HISTORY, 0, "none").number == 1
    assert rollouts.undo_target(HISTORY, 2, "none").number == 2
    with pytest.raises(UserError, match="unable to find specified revision 5 in history"):
        rollouts.undo_target(HISTORY, 5, "none")
    with pytest.raises(UserError, match="none"):
        rollouts.undo_target(HISTORY[:1], 0, "none")


def test_nulls_and_empty_structs_of_an_encoded_revision_do_not_count() -> None:
    assert rollouts.is_current(workload(), HISTORY[1])
    assert not rollouts.is_current(workload(), HISTORY[0])


def deployment(generation: int = 2, **status: Any) -> dict[str, Any]:
    metadata = {
        "name": "app",
        "generation": generation,
        "uid": "u",
        "annotations": {"deployment.kubernetes.io/revision": "2", "kubernetes.io/change-cause": "second", "own": "x"},
    }
    good = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
    template = workload()["spec"]["template"]
    return {"metadata": metadata, "spec": {"replicas": 3, "template": template}, "status": {**good, **status}}


@pytest.mark.parametrize(
    ("found", "text", "done"),
    [
        (deployment(3), "Waiting for deployment spec update to be observed...", False),
        (
            deployment(updatedReplicas=1),
            'Waiting for deployment "app" rollout to finish: 1 out of 3 new replicas have been updated...',
            False,
        ),
        (
            deployment(replicas=4),
            'Waiting for deployment "app" rollout to finish: 1 old replicas are pending termination...',
            False,
        ),
        (
            deployment(availableReplicas=2),
            'Waiting for deployment "app" rollout to finish: 2 of 3 updated replicas are available...',
            False,
        ),
        (deployment(), 'deployment "app" successfully rolled out', True),
    ],
)
def test_status_of_a_deployment(found: dict[str, Any], text: str, *, done: bool) -> None:
    assert of_deployment(found, 0) == (text, done)


def test_a_deployment_past_its_deadline_or_at_another_revision_is_an_error() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    with pytest.raises(UserError, match='deployment "app" exceeded its progress deadline'):
        of_deployment(deployment(conditions=[late]), 0)
    with pytest.raises(UserError, match=r"desired revision \(1\) is different from the running revision \(2\)"):
        of_deployment(deployment(), 1)


def replica_set(number: int, image: str, cause: str = "") -> dict[str, Any]:
    notes = {"deployment.kubernetes.io/revision": str(number), "deployment.kubernetes.io/desired-replicas": "3"}
    labels = {"a": "b", "pod-template-hash": f"h{number}"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": image}]}}
    return {
        "metadata": {
            "annotations": {**notes, **({"kubernetes.io/change-cause": cause} if cause else {})},
            "ownerReferences": [{"controller": True, "uid": "u"}],
        },
        "spec": {"template": template},
    }


def test_a_deployment_goes_back_by_template_and_annotations() -> None:
    past, present = rollouts.of_replica_sets([replica_set(2, "i:2", "second"), replica_set(1, "i:1")], deployment())
    assert (past.number, past.cause, present.number, present.cause) == (1, "", 2, "second")
    assert rollouts.is_current(deployment(), present)
    template, annotations = past.patch
    assert template == {
        "op": "replace",
        "path": "/spec/template",
        "value": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}},
    }
    assert annotations["value"] == {"deployment.kubernetes.io/revision": "2"}
    assert "Annotations:\tkubernetes.io/change-cause: second" in rollouts.details([past, present], 2)

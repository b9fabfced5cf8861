"""Gates: the right name, culprit, evidence and way out; and each of them in docs/gates.md."""

import datetime
from typing import Any

import pytest

from moorage.controllers.statefulset import gates
from moorage.controllers.statefulset.decide import decide
from moorage.reconcile.plan import Gate
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
HISTORY = (make.revision(1, "app:0"), make.revision(2))


def _gates(*others: Any, **spec: Any) -> tuple[Gate, ...]:
    owner = make.stateful_set(status={"currentRevision": make.revision_name("app:0")}, **spec)
    return decide(make.snapshot(owner, *HISTORY, *others), NOW).gates


def _with_status(name: str, state: str, **status: Any) -> dict[str, Any]:
    document = make.pod(name, state=state)
    return {**document, "status": {**document["status"], **status}}


@pytest.mark.parametrize(
    ("status", "evidence"),
    [
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are\navailable"}]},
            "not scheduled: 0/1 nodes are available",
        ),
        (
            {
                "containerStatuses": [
                    {"name": "c", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}}
                ]
            },
            "container c: ImagePullBackOff, not found",
        ),
        (
            {
                "containerStatuses": [
                    {
                        "name": "c",
                        "restartCount": 4,
                        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        "lastState": {"terminated": {"exitCode": 2}},
                    }
                ]
            },
            "container c: CrashLoopBackOff, last exit code 2, restarts 4",
        ),
        (
            {"containerStatuses": [{"name": "c", "ready": False, "state": {"running": {}}}]},
            "container c: running, readiness probe has not passed",
        ),
        ({"initContainerStatuses": [{"name": "i", "state": {"terminated": {"exitCode": 1}}}]}, "exit code 1"),
        ({"conditions": [{"type": "Ready", "status": "False", "message": "because"}]}, "because"),
        ({"conditions": []}, "phase Pending, no reason reported"),
    ],
)
def test_evidence(status: Any, evidence: str) -> None:
    assert evidence in gates.evidence_of({"status": {"phase": "Pending", **status}})


def test_a_broken_predecessor() -> None:
    (gate,) = _gates(make.pod("web-0", state="running"))
    assert (gate.name, gate.holds, gate.culprit.key.name) == ("PredecessorNotReady", "create Pod web-1", "web-0")
    assert gate.culprit.uid == "uid-web-0"
    assert gate.since == datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_a_broken_pod_of_an_old_revision_must_be_deleted_by_hand() -> None:
    (gate,) = _gates(make.pod("web-0", "app:0", state="pending"))
    assert gate.name == "PodPending"
    assert gate.opens.startswith("kubectl delete pod web-0 -n default")


def test_the_time_left_is_said() -> None:
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:59:50Z"}
    (gate,) = _gates(_with_status("web-0", "ready", conditions=[ready]), minReadySeconds=30)
    assert (gate.name, gate.opens) == ("MinReadySeconds", "20 s more")


def test_a_name_that_somebody_holds() -> None:
    (gate,) = _gates(make.pod("web-0", ownerReferences=[], labels={"app": "else"}))
    assert (gate.name, gate.opens) == ("NameTaken", "kubectl delete pod web-0 -n default")


def test_a_claim_that_is_going() -> None:
    going = make.claim(
        "data-web-0", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["kubernetes.io/pvc-protection"]
    )
    (gate,) = _gates(going, volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {}}])
    assert (gate.name, gate.evidence) == ("ClaimTerminating", "finalizers: kubernetes.io/pvc-protection")


def test_the_partition_and_the_budget_are_both_named() -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    pods = [make.pod(f"web-{ordinal}", "app:0") for ordinal in range(3)]
    found = _gates(*pods, updateStrategy=rolling)
    assert [(gate.name, gate.holds) for gate in found] == [
        ("MaxUnavailableReached", "update Pod web-1"),
        ("PartitionHolds", "update web-0"),
    ]

"""A Deployment's gates: followed through its replica sets to the pods in the way, and found without a ledger."""

from typing import Any

from moorage.api.refs import Document, ObjectKey
from tests.unit.why.cluster import THEN, container, explained, node, pod, thing


def _owned(kind: str, name: str) -> Document:
    return {"ownerReferences": [{"kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]}


def _seen(kind: str, name: str, metadata: Document | None = None) -> Document:
    own = {"generation": 1, **(metadata or {})}
    return thing(kind, name, {"replicas": 2}, status={"observedGeneration": 1}, metadata=own)


APP = _seen("Deployment", "app")
NEW = _seen("ReplicaSet", "app-b", _owned("Deployment", "app"))
BROKEN = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), **_owned("ReplicaSet", "app-b"))


def _gate(name: str, kind: str, culprit: str, **more: Any) -> Document:
    who = {"kind": kind, "namespace": "default", "name": culprit, "uid": f"uid-{culprit}"}
    return {"name": name, "holds": "replace 3 Pods", "culprit": who, "evidence": "seen", "since": THEN, **more}


def _told(*documents: Document, gates: Any = (), error: str = "", about: str = "deployment") -> list[Document]:
    entry = {"controller": f"{about}-controller", "gates": list(gates), "error": error, "first": THEN}
    subject = documents[0]
    key = (subject["kind"], ObjectKey("default", subject["metadata"]["name"]))
    found = explained(*documents, plans=lambda kind, name: [entry] if (kind, name) == key else [])
    gates_found: list[Document] = found["gates"]
    return gates_found


def test_a_rollout_that_waits_for_a_set_waits_for_its_pods() -> None:
    (gate,) = _told(APP, NEW, BROKEN, node(), gates=[_gate("MaxUnavailableReached", "ReplicaSet", "app-b")])
    assert (gate["gate"], gate["through"]) == ("ImagePullFailed", ["MaxUnavailableReached"])
    assert gate["path"] == ["Deployment app", "ReplicaSet app-b"]
    assert gate["holds"] == "replace 3 Pods"


def test_a_set_without_a_reason_of_its_own_is_the_culprit() -> None:
    (gate,) = _told(APP, NEW, node(), gates=[_gate("MaxUnavailableReached", "ReplicaSet", "app-b")])
    assert (gate["gate"], gate["culprit"]["name"]) == ("MaxUnavailableReached", "app-b")


def test_a_paused_deployment_is_held_by_choice_and_its_broken_pods_are_told() -> None:
    opens = "kubectl rollout resume deployment/app -n default"
    paused = _gate("RolloutPaused", "Deployment", "app", opens=opens)
    by_name = {gate["gate"]: gate for gate in _told(APP, NEW, BROKEN, node(), gates=[paused])}
    assert (by_name["RolloutPaused"]["opener"], by_name["RolloutPaused"]["command"]) == ("Choice", opens)
    assert by_name["ImagePullFailed"]["path"] == ["Deployment app", "ReplicaSet app-b"]


def test_writes_that_are_refused() -> None:
    (gate,) = _told(APP, error="quota")
    assert (gate["gate"], gate["command"]) == ("WriteRefused", "kubectl describe deploy app -n default")
    lone = _seen("ReplicaSet", "lone")
    (gate,) = _told(lone, error="quota", about="replicaset")
    assert (gate["gate"], gate["command"]) == ("WriteRefused", "kubectl describe rs lone -n default")
    (gate,) = _told(lone, gates=[_gate("WriteRefused", "ReplicaSet", "lone")], error="quota", about="replicaset")
    assert gate["evidence"] == "seen"


def test_without_a_ledger_the_newest_generation_counts() -> None:
    unseen = _seen("Deployment", "app", {"generation": 4})
    (gate,) = explained(unseen, NEW)["gates"]
    assert (gate["gate"], gate["evidence"]) == ("NotObserved", "generation 4, observed 1")
    assert explained(APP, NEW)["state"] == "Settled"


def test_the_template_of_a_deployment_is_the_one_to_correct() -> None:
    hashed = {**_owned("ReplicaSet", "app-b"), "labels": {"pod-template-hash": "b"}}
    of_deployment = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), **hashed)
    (gate,) = _told(APP, NEW, of_deployment, node(), gates=[_gate("MaxUnavailableReached", "ReplicaSet", "app-b")])
    assert gate["command"] == "kubectl set image deployment/app c=IMAGE -n default"
    (gate,) = _told(APP, NEW, BROKEN, node(), gates=[_gate("MaxUnavailableReached", "ReplicaSet", "app-b")])
    assert gate["command"] == "kubectl set image rs/app-b c=IMAGE -n default"

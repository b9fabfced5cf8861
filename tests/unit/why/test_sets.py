"""A set's gates: followed to the root, dropped when the culprit is gone, and found without a ledger."""

from typing import Any

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.why import statefulset
from tests.unit.why.cluster import THEN, container, event, explained, node, pod, thing, told

SET = thing("StatefulSet", "web", {"replicas": 2}, status={"observedGeneration": 1}, metadata={"generation": 1})
OWNED = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "uid": "uid-web", "controller": True}]}
BROKEN = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), **OWNED)


def _gate(name: str, culprit: str = "web-0", **more: Any) -> Document:
    who = {"kind": "Pod", "namespace": "default", "name": culprit, "uid": f"uid-{culprit}"}
    return {"name": name, "holds": "create Pod web-1", "culprit": who, "evidence": "seen", "since": THEN, **more}


def _explained(*documents: Document, gates: Any = (), error: str = "") -> Document:
    entry = {"controller": "statefulset-controller", "gates": list(gates), "error": error, "first": THEN}
    plans = {("StatefulSet", ObjectKey("default", "web")): [entry]}
    return explained(*documents, plans=lambda kind, key: plans.get((kind, key), []))


def test_a_gate_is_followed_to_its_root() -> None:
    (gate,) = _explained(SET, BROKEN, node(), gates=[_gate("PodPending")])["gates"]
    assert (gate["gate"], gate["through"], gate["path"]) == ("ImagePullFailed", ["PodPending"], ["StatefulSet web"])
    assert gate["holds"] == "create Pod web-1"


def test_a_command_of_the_controller_wins() -> None:
    told_by_it = _gate("PodPending", opens="kubectl delete pod web-0 -n default (it comes back at revision web-2)")
    (gate,) = _explained(SET, BROKEN, node(), gates=[told_by_it])["gates"]
    assert (gate["command"], gate["opens"]) == (
        "kubectl delete pod web-0 -n default",
        "it comes back at revision web-2",
    )


def test_no_force_is_proposed_against_a_finalizer() -> None:
    over = {
        "deletionTimestamp": "2026-01-01T00:01:00Z",
        "deletionGracePeriodSeconds": 30,
        "finalizers": ["a/b"],
        **OWNED,
    }
    forced = _gate("PodTerminating", opens="it stops: kubectl delete pod web-0 -n default --grace-period=0 --force")
    (gate,) = _explained(SET, pod({"phase": "Running"}, **over), node(), gates=[forced])["gates"]
    assert (gate["gate"], gate["command"]) == ("FinalizerHolds", "kubectl edit pod web-0 -n default")


def test_a_gate_whose_culprit_is_gone_is_over() -> None:
    stale = _gate("PodPending")
    stale["culprit"]["uid"] = "an earlier one"
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
    successor = pod(ready, uid="uid-web-0", ownerReferences=[])
    assert [gate["gate"] for gate in _explained(SET, successor, node(), gates=[stale])["gates"]] == []
    assert [gate["gate"] for gate in _explained(SET, node(), gates=[stale])["gates"]] == []


def test_a_gate_without_a_row_is_told_all_the_same() -> None:
    who = {"kind": "StatefulSet", "namespace": "default", "name": "web", "uid": "uid-web"}
    (gate,) = _explained(SET, gates=[_gate("Brandnew", culprit="web") | {"culprit": who}])["gates"]
    assert (gate["gate"], gate["opener"], gate["evidence"]) == ("Brandnew", "Itself", "seen")


def test_a_write_that_is_refused() -> None:
    (gate,) = _explained(SET, error="create Pod web-0: exceeded quota")["gates"]
    assert (gate["gate"], gate["evidence"]) == ("WriteRefused", "create Pod web-0: exceeded quota")


def test_a_lost_race_is_no_gate() -> None:
    assert _explained(SET, error='Operation cannot be fulfilled on "web": the object has been modified')["gates"] == []


def test_without_a_ledger_a_refused_pod_is_told_by_its_event() -> None:
    failed = event(
        SET, "FailedCreate", 'create Pod web-0 failed error: pods "web-0" is forbidden: exceeded quota: small, …'
    )
    assert told(SET, failed)[0][:2] == ("QuotaExceeded", "ResourceQuota small")


def test_the_missing_service_is_made_so_that_it_selects_the_pods() -> None:
    named = {
        **SET,
        "spec": {**SET["spec"], "serviceName": "db", "selector": {"matchLabels": {"app": "web", "tier": "a"}}},
    }
    (gate,) = (one for one in _explained(named)["gates"] if one["gate"] == "ServiceMissing")
    assert gate["command"] == (
        "kubectl create service clusterip db --clusterip=None -n default && "
        "kubectl set selector svc db app=web,tier=a -n default"
    )


def test_pods_that_hold_nothing_back_are_told_as_well() -> None:
    assert [gate["gate"] for gate in _explained(SET, BROKEN, node())["gates"]] == ["ImagePullFailed"]


def test_without_a_ledger_the_first_unready_pod_is_told() -> None:
    assert told(SET, BROKEN, node()) == [("ImagePullFailed", "Pod web-0", "container c: ImagePullBackOff, image app:1")]
    parallel = {**SET, "spec": {**SET["spec"], "podManagementPolicy": "Parallel"}}
    assert [gate for gate, _, _ in told(parallel, BROKEN, node())] == ["ImagePullFailed", "PodMissing"]
    unseen = {**SET, "metadata": {**SET["metadata"], "generation": 2}}
    assert told(unseen)[0][0] == "NotObserved"


@pytest.mark.parametrize(
    ("text", "opens", "command"),
    [
        ("Pod web-0 ready", "Pod web-0 ready", ""),
        ("kubectl delete pod web-0 -n x", "this command", "kubectl delete pod web-0 -n x"),
        ("claim d gone: kubectl describe pvc d -n x", "claim d gone", "kubectl describe pvc d -n x"),
        ("kubectl annotate sts web a=VALUE, or a-", "or a-", "kubectl annotate sts web a=VALUE"),
        ("kubectl describe pvc d; or ask for less", "or ask for less", "kubectl describe pvc d"),
    ],
)
def test_commands_are_told_apart(text: str, opens: str, command: str) -> None:
    assert statefulset.split_command(text) == (opens, command)


def test_what_a_person_must_open_is_told_before_what_opens_itself_and_choices_last() -> None:
    mine = {"kind": "StatefulSet", "namespace": "default", "name": "web", "uid": "uid-web"}
    gates = [_gate(name) | {"culprit": mine} for name in ("PartitionHolds", "SetDeleting", "OptionInvalid")]
    told_first = [gate["gate"] for gate in _explained(SET, gates=gates)["gates"]]
    assert told_first == ["OptionInvalid", "SetDeleting", "PartitionHolds"]

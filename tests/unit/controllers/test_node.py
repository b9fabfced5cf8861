"""Silent nodes: conditions, taints, pods; the brake; and the full grace after a start."""

import datetime

from moorage.api.refs import Document
from moorage.api.scheme import LEASES, NODES, PODS
from moorage.api.times import format_time
from moorage.base.limits import NODE_LOST_SECONDS
from moorage.controllers import node
from moorage.reconcile.actions import Batch, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

N1 = key("n1", "")
LATER = START + datetime.timedelta(hours=1)


def _node(name: str = "n1", ready: str | None = "True", taints: tuple[Document, ...] = (), **more: str) -> Document:
    kinds = {**({"Ready": ready} if ready else {}), **more}
    conditions = [{"type": kind, "status": status, "reason": "KubeletReady"} for kind, status in kinds.items()]
    return thing(NODES, name, spec={"taints": [*taints]}, status={"conditions": conditions})


def _lease(renewed: datetime.datetime, name: str = "n1") -> Document:
    spec = {"renewTime": format_time(renewed), "holderIdentity": name}
    return thing(LEASES, name, {"namespace": "kube-node-lease"}, spec=spec)


def _pod(name: str = "web-0", ready: str = "True") -> Document:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}
    return thing(PODS, name, spec={"nodeName": "n1"}, status=status)


def _plan(*documents: Document, now: datetime.datetime = LATER, started: datetime.datetime = START) -> Plan:
    caches = FilledCaches(node.build(started))
    caches.put(*documents)
    plan = caches.decide(N1, now)
    assert plan is not None
    return plan


def _ago(seconds: float) -> datetime.datetime:
    return LATER - datetime.timedelta(seconds=seconds)


def _taints(plan: Plan) -> set[str] | None:
    for step in plan.steps:
        if isinstance(step, Patch) and "taints" in step.body.get("spec", {}):
            return {f"{one['key']}:{one['effect']}" for one in step.body["spec"]["taints"] or ()}
    return None


def test_a_node_that_is_heard_is_left_alone_until_it_could_be_lost() -> None:
    plan = _plan(_node(), _lease(_ago(5)), _pod())
    assert plan.steps == ()
    assert plan.wake_after is not None
    assert NODE_LOST_SECONDS - 5 < plan.wake_after < NODE_LOST_SECONDS - 4


def test_what_a_node_takes_for_the_time_does_not_matter() -> None:
    caches = FilledCaches(node.build(START))
    caches.put(_node())
    for wrong in (-3600, 3600):
        caches.now = _ago(30)
        caches.put(_lease(LATER + datetime.timedelta(seconds=wrong)))
        heard, silent = caches.decide(N1, LATER), caches.decide(N1, LATER + datetime.timedelta(seconds=11))
        assert heard is not None
        assert heard.steps == ()
        assert silent is not None
        assert silent.steps


def test_a_silent_node_turns_unknown_and_its_pods_not_ready_in_one_go() -> None:
    plan = _plan(_node(), _node("n2"), _lease(_ago(41)), _pod(), _pod("web-1", "False"))
    pods, conditions = plan.steps
    assert isinstance(pods, Batch)
    ((patch,),) = pods.sequences
    assert isinstance(patch, Patch)
    assert (patch.key, patch.subresource) == (key("web-0"), "status")
    assert patch.body["status"]["conditions"][0]["status"] == "False"
    assert isinstance(conditions, Patch)
    wanted = {one["type"]: one for one in conditions.body["status"]["conditions"]}
    assert wanted["Ready"]["reason"] == "NodeStatusUnknown"
    assert wanted["Ready"]["message"] == "Kubelet stopped posting node status."
    assert wanted["DiskPressure"]["reason"] == "NodeStatusNeverUpdated"
    assert {one["status"] for one in wanted.values()} == {"Unknown"}
    assert conditions.on_success is not None
    assert conditions.on_success.message == "Node n1 status is now: NodeNotReady"
    assert plan.gates[0].name == "NodeSilent"


def test_no_pod_is_deleted_and_told_twice() -> None:
    unknown = _node(ready="Unknown", MemoryPressure="Unknown", DiskPressure="Unknown", PIDPressure="Unknown")
    plan = _plan(unknown, _node("n2"), _lease(_ago(41)), _pod())
    assert [type(step) for step in plan.steps] == [Patch]
    assert _taints(plan) == {"node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"}


def test_taints_guard_the_list_they_replace() -> None:
    foreign = {"key": "mine", "effect": "NoSchedule"}
    plan = _plan(_node(ready="False", taints=(foreign,)), _node("n2"), _lease(_ago(1)), _pod())
    pods, taints = plan.steps
    assert isinstance(pods, Batch)
    assert isinstance(taints, Patch)
    assert taints.resource_version == "1"
    assert taints.body["spec"]["taints"][0] == foreign
    assert taints.body["spec"]["taints"][1]["timeAdded"] == format_time(LATER)


def test_taints_go_when_the_node_is_back() -> None:
    taints = tuple(
        {"key": "node.kubernetes.io/unreachable", "effect": effect} for effect in ("NoSchedule", "NoExecute")
    )
    foreign = {"key": "mine", "effect": "NoSchedule"}
    assert _taints(_plan(_node(taints=(*taints, foreign)), _lease(_ago(1)))) == {"mine:NoSchedule"}


def test_pressure_and_cordon_are_taints_too() -> None:
    document = _node(DiskPressure="True")
    document["spec"]["unschedulable"] = True
    assert _taints(_plan(document, _lease(_ago(1)))) == {
        "node.kubernetes.io/disk-pressure:NoSchedule",
        "node.kubernetes.io/unschedulable:NoSchedule",
    }


def test_nobody_is_evicted_while_most_nodes_are_silent() -> None:
    documents = [_node(ready="False"), _node("n2", "Unknown"), _node("n3")]
    assert _taints(_plan(*documents, _lease(_ago(1)))) == {"node.kubernetes.io/not-ready:NoSchedule"}
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}
    braked = _plan(_node(ready="False", taints=(taint,)), _lease(_ago(1)))
    assert _taints(braked) == {"node.kubernetes.io/not-ready:NoSchedule"}


def test_a_fresh_control_plane_gives_full_grace() -> None:
    assert _plan(_node(), _lease(_ago(600)), started=_ago(39)).steps == ()
    assert _plan(_node(), _lease(_ago(600)), started=_ago(41)).steps != ()


def test_a_new_node_without_lease_has_its_grace_from_its_creation() -> None:
    document = _node(ready=None)
    document["metadata"]["creationTimestamp"] = format_time(_ago(10))
    assert _plan(document).steps == ()


def test_triggers() -> None:
    caches = FilledCaches(node.build(START))
    assert caches.put(_node()) == {N1}
    assert caches.put(_node("n2", "False")) == {key("n2", "")}
    assert caches.put(_node(ready="False")) == {N1, key("n2", "")}
    assert caches.put(_node(ready="False")) == {N1}

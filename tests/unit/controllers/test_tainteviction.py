"""Pods on tainted nodes: who may stay, how long, and how they are asked to leave."""

import datetime

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time
from moorage.controllers import tainteviction
from moorage.reconcile.actions import Delete, Emit, Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

POD = key("web-0")
UNREACHABLE = "node.kubernetes.io/unreachable"


def _node(*keys: str, effect: str = "NoExecute") -> Document:
    taints = [{"key": one, "effect": effect, "timeAdded": format_time(START)} for one in keys]
    return thing(NODES, "n1", spec={"taints": taints})


def _other(name: str, ready: str = "True") -> Document:
    return thing(NODES, name, spec={}, status={"conditions": [{"type": "Ready", "status": ready}]})


def _pod(*tolerations: Document, node: str = "n1", **metadata: str) -> Document:
    return thing(PODS, "web-0", metadata, spec={"nodeName": node, "tolerations": [*tolerations]})


def _tolerates(taint: str = UNREACHABLE, seconds: int | None = 300, **fields: str) -> Document:
    limit = {} if seconds is None else {"tolerationSeconds": seconds}
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", **limit, **fields}


def _plan(*documents: Document, after: float = 0) -> Plan | None:
    caches = FilledCaches(tainteviction.build())
    caches.put(_other("n2"), _other("n3"), *documents)
    return caches.decide(POD, START + datetime.timedelta(seconds=after))


def test_an_untolerated_taint_asks_the_pod_to_leave_gracefully() -> None:
    plan = _plan(_node(UNREACHABLE), _pod())
    assert plan is not None
    event, mark, delete = plan.steps
    assert isinstance(event, Emit)
    assert (event.reason, event.message) == ("TaintManagerEviction", "Marking for deletion Pod default/web-0")
    assert isinstance(mark, Patch)
    assert mark.body["status"]["conditions"][0]["reason"] == "DeletionByTaintManager"
    assert delete == Delete(PODS, POD, "uid-web-0")


def test_while_most_nodes_are_unready_nobody_leaves_for_silence() -> None:
    plan = _plan(_other("n2", "Unknown"), _node(UNREACHABLE), _pod())
    assert plan is not None
    assert (plan.steps, plan.wake_after) == ((), 5)
    plan = _plan(_other("n2", "Unknown"), _node(UNREACHABLE, "mine"), _pod())
    assert plan is not None
    assert plan.steps


def test_a_toleration_runs_out() -> None:
    plan = _plan(_node(UNREACHABLE), _pod(_tolerates()), after=100)
    assert plan is not None
    assert plan.steps == ()
    assert plan.wake_after == 200
    assert plan.gates[0].name == "TaintTolerated"
    plan = _plan(_node(UNREACHABLE), _pod(_tolerates()), after=300)
    assert plan is not None
    assert isinstance(plan.steps[-1], Delete)


def test_the_shortest_toleration_counts() -> None:
    other = "node.kubernetes.io/not-ready"
    plan = _plan(_node(UNREACHABLE, other), _pod(_tolerates(), _tolerates(other, 60)))
    assert plan is not None
    assert plan.wake_after == 60


def test_a_toleration_without_limit_is_for_ever() -> None:
    assert _plan(_node(UNREACHABLE), _pod(_tolerates(seconds=None)), after=10**6) == Plan()


@pytest.mark.parametrize("documents", [
    (_node(), _pod()),
    (_node(UNREACHABLE, effect="NoSchedule"), _pod()),
    (_node(UNREACHABLE), _pod(node="")),
    (_node(UNREACHABLE), _pod(deletionTimestamp="2026-01-01T00:00:00Z")),
    (_pod(),),
])  # fmt: skip
def test_nothing_to_decide(documents: tuple[Document, ...]) -> None:
    assert _plan(*documents) is None


@pytest.mark.parametrize(("toleration", "bears"), [
    ({"operator": "Exists"}, True),
    ({"key": UNREACHABLE, "operator": "Exists"}, True),
    ({"key": UNREACHABLE, "operator": "Equal", "value": ""}, True),
    ({"key": UNREACHABLE, "value": "x"}, False),
    ({"key": "other", "operator": "Exists"}, False),
    ({"key": UNREACHABLE, "operator": "Exists", "effect": "NoSchedule"}, False),
    ({"operator": "Equal"}, False),
])  # fmt: skip
def test_which_toleration_covers_a_taint(toleration: Document, bears: bool) -> None:  # noqa: FBT001  a table of cases
    plan = _plan(_node(UNREACHABLE), _pod(toleration))
    assert plan is not None
    assert (plan.steps == ()) == bears


def test_triggers() -> None:
    caches = FilledCaches(tainteviction.build())
    assert caches.put(_node()) == set()
    assert caches.put(_pod()) == set()
    assert caches.put(_node(UNREACHABLE)) == {POD}
    assert caches.put(_node(UNREACHABLE)) == set()
    assert caches.put(_pod()) == {POD}

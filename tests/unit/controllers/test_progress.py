"""Conditions of a set that asks for them: written once, moved on when they change, gone with the annotation."""

import datetime
from typing import Any

from moorage.api.refs import Document
from moorage.api.scheme import PODS, STATEFULSETS
from moorage.controllers import progress
from moorage.reconcile.actions import Emit, Patch
from moorage.reconcile.plan import Plan
from moorage.why.picture import no_plans
from moorage.why.stalls import DEADLINE
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

LATER = START + datetime.timedelta(minutes=11)
OWNED = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "uid": "uid-web", "controller": True}]}


def _set(deadline: str = "10m", **status: Any) -> Document:
    annotations = {"annotations": {DEADLINE: deadline}} if deadline else {}
    return thing(STATEFULSETS, "web", annotations, spec={"replicas": 1}, status=status)


def _pod(ready: str = "False") -> Document:
    metadata = {**OWNED, "creationTimestamp": START.isoformat()}
    conditions = [{"type": "Ready", "status": ready, "lastTransitionTime": START.isoformat()}]
    return thing(PODS, "web-0", metadata, spec={"nodeName": "", "containers": []}, status={"conditions": conditions})


def _decided(*documents: Document, now: datetime.datetime = START) -> Plan | None:
    caches = FilledCaches(progress.build(no_plans))
    caches.put(*documents)
    return caches.decide(key("web"), now)


def _written(plan: Plan | None) -> dict[str, tuple[str, str]]:
    assert plan is not None
    patch = plan.steps[0]
    assert isinstance(patch, Patch)
    return {one["type"]: (one["status"], one["reason"]) for one in patch.body["status"]["conditions"]}


def test_only_for_sets_that_ask() -> None:
    assert _decided(_set(deadline=""), _pod()) is None


def test_progress_then_stall_with_an_event() -> None:
    moving = _decided(_set(), _pod())
    assert _written(moving) == {"Progressing": ("True", "Unscheduled"), "Stalled": ("False", "Unscheduled")}
    assert moving is not None
    assert moving.wake_after == 5.0
    assert [step for step in moving.steps if isinstance(step, Emit)] == []
    late = _decided(_set(), _pod(), now=LATER)
    reason = "ProgressDeadlineExceeded"
    assert _written(late) == {"Progressing": ("False", reason), "Stalled": ("True", reason)}
    assert late is not None
    (event,) = [step for step in late.steps if isinstance(step, Emit)]
    assert (event.type, event.reason) == ("Warning", "Stalled")
    assert event.message.startswith("Unscheduled: Pod web-0: no scheduler has looked at it yet; opens: the scheduler")


def test_the_event_ends_with_the_command() -> None:
    lost = _pod()
    lost["spec"]["schedulerName"] = "volcano"
    plan = _decided(_set(), lost, now=LATER)
    assert plan is not None
    (event,) = [step for step in plan.steps if isinstance(step, Emit)]
    assert event.message.endswith(", or schedulerName default-scheduler: kubectl edit sts/web -n default")


def _conditions(stalled: str, message: str) -> list[Document]:
    reason = "ProgressDeadlineExceeded"
    moving = "False" if stalled == "True" else "True"
    since = {"lastTransitionTime": "2026-01-01T00:00:00Z", "reason": reason, "message": message}
    return [{"type": "Progressing", "status": moving, **since}, {"type": "Stalled", "status": stalled, **since}]


def test_nothing_is_written_twice_though_the_evidence_counts_on() -> None:
    plan = _decided(_set(conditions=_conditions("True", "Pod web-0: restarts 1")), _pod(), now=LATER)
    assert plan is not None
    assert plan.steps == ()


def test_another_culprit_is_written_but_is_no_second_event() -> None:
    plan = _decided(_set(conditions=_conditions("True", "Pod web-1: x")), _pod(), now=LATER)
    assert plan is not None
    assert [type(step) for step in plan.steps] == [Patch]


def test_a_set_that_moves_again() -> None:
    plan = _decided(_set(conditions=_conditions("True", "Pod web-0: x")), _pod("True"), now=LATER)
    assert _written(plan) == {"Progressing": ("True", "Settled"), "Stalled": ("False", "Settled")}
    assert plan is not None
    assert [step.reason for step in plan.steps if isinstance(step, Emit)] == ["Progressing"]


def test_the_conditions_go_with_the_annotation_others_stay() -> None:
    other = {"type": "Mine", "status": "True", "reason": "R"}
    plan = _decided(_set(deadline="", conditions=[*_conditions("True", "x"), other]), _pod())
    assert _written(plan) == {"Mine": ("True", "R")}


def test_pods_of_other_sets_wake_nobody() -> None:
    caches = FilledCaches(progress.build(no_plans))
    caches.put(_set())
    assert caches.put(_pod()) == {key("web")}
    caches.put(_set(deadline=""))
    assert caches.put(_pod()) == set()

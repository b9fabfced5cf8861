"""A pod marked for disruption loses the mark when nothing came of it."""

import datetime
from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.controllers import disruptiontarget
from moorage.reconcile.actions import Patch
from moorage.reconcile.plan import Plan
from tests.fakes.caches import FilledCaches, key, thing
from tests.fakes.clock import START

MARK = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI", "message": "m"}


def _plan(after: float, mark: Document, **metadata: Any) -> Plan | None:
    caches = FilledCaches(disruptiontarget.build())
    since = {**mark, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    caches.put(thing(PODS, "a", metadata, status={"phase": "Running", "conditions": [since]}))
    return caches.decide(key("a"), START + datetime.timedelta(seconds=after))


def test_a_fresh_mark_stays() -> None:
    plan = _plan(20, MARK)
    assert plan is not None
    assert (plan.steps, plan.wake_after) == ((), 100)


def test_a_stale_mark_turns_false_without_reason() -> None:
    plan = _plan(120, MARK)
    assert plan is not None
    (patch,) = plan.steps
    assert isinstance(patch, Patch)
    made = {"type": "DisruptionTarget", "status": "False", "lastTransitionTime": "2026-01-01T00:02:00Z"}
    assert patch.body == {"status": {"conditions": [{**made, "reason": None, "message": None}]}}


@pytest.mark.parametrize("mark", [{**MARK, "status": "False"}, {**MARK, "reason": "TerminationByKubelet"}])
def test_marks_of_others_and_marks_that_are_none_stay(mark: Document) -> None:
    assert _plan(500, mark) is None


def test_a_pod_that_goes_keeps_its_mark() -> None:
    assert _plan(500, MARK, deletionTimestamp="2026-01-01T00:00:00Z") is None

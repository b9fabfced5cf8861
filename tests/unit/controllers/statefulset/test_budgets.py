"""A set that goes back by itself keeps to the budgets: by their own status, and by what it counts itself."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import PODDISRUPTIONBUDGETS
from moorage.controllers.statefulset.decide import decide
from moorage.informer.objects import ObjectCache
from moorage.reconcile.actions import Delete
from tests.fakes.caches import key, thing
from tests.unit.controllers.statefulset import builders as make

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
BROKEN = make.revision_name("app:2")


def _decided(status: Document, **spec: Any) -> tuple[list[str], list[str]]:
    """Return (pods that go, evidence of budgets) of a set whose broken revision still has a healthy pod."""
    chosen = {"matchLabels": {"app": "web"}}
    budget = thing(PODDISRUPTIONBUDGETS, "web", {"generation": 2}, spec={"selector": chosen, **spec}, status=status)
    cache = ObjectCache(PODDISRUPTIONBUDGETS)
    cache.apply(budget, 1, deleted=False)
    found = cache.get(key("web"))
    assert found is not None
    pods = (make.pod("web-0"), make.pod("web-1"), make.pod("web-2", "app:2"))
    current = {"currentRevision": make.revision_name()}
    owner = make.stateful_set(status=current, metadata={"annotations": {"moorage.dev/reverted": BROKEN}})
    history = (make.revision(1, "app:2"), make.revision(2))
    plan = decide(replace(make.snapshot(owner, *history, *pods), budgets=(found,)), NOW)
    steps = [action for step in plan.steps for row in getattr(step, "sequences", ((step,),)) for action in row]
    gates = [gate.evidence for gate in plan.gates if gate.name == "DisruptionBudget"]
    return [one.key.name for one in steps if isinstance(one, Delete)], gates


def _counts(allowed: int, observed: int = 2) -> Document:
    return {"observedGeneration": observed, "disruptionsAllowed": allowed, "currentHealthy": 5, "desiredHealthy": 5}


@pytest.mark.parametrize(
    ("status", "spec", "expected"),
    [
        ({}, {"maxUnavailable": 1}, (["web-2"], [])),
        ({}, {"maxUnavailable": 0}, ([], ["3 healthy, 3 wanted"])),
        (_counts(1), {"maxUnavailable": 1}, (["web-2"], [])),
        # Others' pods and evictions under way use the budget up.
        (_counts(0), {"maxUnavailable": 1}, ([], ["5 healthy, 5 wanted"])),
        # A status of an earlier spec says nothing.
        (_counts(0, observed=1), {"maxUnavailable": 1}, (["web-2"], [])),
        # A status that lags behind does not allow what the set's own pods forbid.
        (_counts(9), {"minAvailable": 3}, ([], ["3 healthy, 3 wanted"])),
        ({}, {}, (["web-2"], [])),
    ],
)
def test_the_tighter_of_both_counts(status: Document, spec: Document, expected: Any) -> None:
    assert _decided(status, **spec) == expected

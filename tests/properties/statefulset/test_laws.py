"""No plan breaks a law, whatever the caches show."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.controllers.statefulset import laws
from moorage.controllers.statefulset.decide import decide
from moorage.controllers.statefulset.lawcase import Case
from moorage.controllers.statefulset.snapshot import take
from moorage.why.table import SET_GATES
from tests.properties.statefulset.random_sets import KEY, World, worlds

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)


@settings(max_examples=600, deadline=None)
@given(world=worlds(), later=st.sampled_from((0, 1, 20)))
def test_every_plan_keeps_every_law(world: World, later: int) -> None:
    snapshot = take(KEY, world)
    assert snapshot is not None
    now = NOW + datetime.timedelta(seconds=later)
    plan = decide(snapshot, now)
    assert laws.check(snapshot, plan, now) == ()


@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_deciding_is_a_function(world: World) -> None:
    snapshot = take(KEY, world)
    assert snapshot is not None
    assert decide(snapshot, NOW) == decide(snapshot, NOW)


@settings(max_examples=100, deadline=None)
@given(world=worlds())
def test_a_plan_without_steps_says_why_or_is_done(world: World) -> None:
    snapshot = take(KEY, world)
    assert snapshot is not None
    plan = decide(snapshot, NOW)
    case = Case(snapshot, plan, NOW)
    wanted = set(snapshot.spec.ordinals)
    settled = set(case.in_range) == wanted and all(pod.usable for pod in case.in_range.values()) and not case.condemned
    assert plan.steps or plan.gates or settled
    assert {gate.name for gate in plan.gates} <= set(SET_GATES)

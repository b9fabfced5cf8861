"""The ledger: what was decided, why no more, since when."""

import datetime

from moorage.api.refs import ObjectKey
from moorage.api.scheme import PODS
from moorage.base.limits import LEDGER_OBJECTS, LEDGER_PLANS
from moorage.reconcile.actions import Batch, Delete
from moorage.reconcile.ledger import MAX_LINES, Ledger
from moorage.reconcile.plan import Culprit, Gate, Plan
from tests.fakes.clock import START

KEY = ObjectKey("default", "web")
POD = ObjectKey("default", "web-0")
WHERE = ("statefulset-controller", "StatefulSet", KEY)
GATE = Gate("PredecessorNotReady", "create Pod web-1", Culprit("Pod", POD, "u"))


def _at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def test_keeps_a_plan_with_its_gates() -> None:
    ledger = Ledger()
    ledger.record(WHERE, Plan((Delete(PODS, POD, "u"),), gates=(GATE,), wake_after=3.0), START, "conflict")
    (story,) = ledger.story("StatefulSet", KEY)
    assert story["actions"] == ["delete Pod default/web-0"]
    assert story["error"] == "conflict"
    assert story["wakeAfterSeconds"] == 3.0
    (gate,) = story["gates"]
    assert gate["name"] == "PredecessorNotReady"
    assert gate["culprit"] == {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": "u"}
    assert gate["since"] == "2026-01-01T00:00:00.000000Z"


def test_remembers_since_when_a_gate_is_closed() -> None:
    ledger = Ledger()
    ledger.record(WHERE, Plan(gates=(GATE,)), START, "")
    ledger.record(WHERE, Plan((Delete(PODS, POD, "u"),), gates=(GATE,)), _at(10), "")
    ledger.record(WHERE, Plan(), _at(20), "")
    ledger.record(WHERE, Plan(gates=(GATE,)), _at(30), "")
    since = [entry.gates[0].since for entry in ledger.entries("StatefulSet", KEY) if entry.gates]
    assert since == [START, START, _at(30)]


def test_a_gate_that_knows_its_own_time_keeps_it() -> None:
    ledger = Ledger()
    known = Gate("G", "h", Culprit("Pod", POD), since=_at(-50))
    ledger.record(WHERE, Plan(gates=(known,)), START, "")
    assert ledger.entries("StatefulSet", KEY)[0].gates[0].since == _at(-50)


def test_the_same_plan_again_is_counted() -> None:
    ledger = Ledger()
    for second in range(5):
        ledger.record(WHERE, Plan(gates=(GATE,)), _at(second), "")
    (entry,) = ledger.entries("StatefulSet", KEY)
    assert (entry.times, entry.first, entry.last) == (5, START, _at(4))


def test_a_plan_is_compared_with_the_last_of_the_same_controller() -> None:
    ledger = Ledger()
    other = ("statefulset-service-check", *WHERE[1:])
    for second in range(4):
        ledger.record(WHERE if second % 2 else other, Plan(gates=(GATE,)), _at(second), "")
    entries = ledger.entries("StatefulSet", KEY)
    assert [(entry.controller, entry.times, entry.last) for entry in entries] == [
        (other[0], 2, _at(2)),
        (WHERE[0], 2, _at(3)),
    ]


def test_an_object_of_which_nothing_was_wanted_has_no_story() -> None:
    ledger = Ledger()
    ledger.record(WHERE, Plan(), START, "")
    assert ledger.story("StatefulSet", KEY) == []


def test_is_bounded_by_plan_and_by_object() -> None:
    ledger = Ledger()
    for number in range(LEDGER_PLANS + 5):
        ledger.record(WHERE, Plan(wake_after=1.0, gates=(Gate(str(number), "h", Culprit("Pod", POD)),)), START, "")
    entries = ledger.entries("StatefulSet", KEY)
    assert len(entries) == LEDGER_PLANS
    assert entries[-1].gates[0].name == str(LEDGER_PLANS + 4)
    for number in range(LEDGER_OBJECTS):
        ledger.record(("c", "Pod", ObjectKey("d", str(number))), Plan(gates=(GATE,)), START, "")
    assert ledger.entries("StatefulSet", KEY) == ()
    assert ledger.entries("Pod", ObjectKey("d", "0")) != ()


def test_long_plans_are_cut() -> None:
    ledger = Ledger()
    batch = Batch(tuple((Delete(PODS, ObjectKey("d", str(number)), "u"),) for number in range(100)))
    ledger.record(WHERE, Plan((batch,)), START, "")
    lines = ledger.entries("StatefulSet", KEY)[0].actions
    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == "and more"

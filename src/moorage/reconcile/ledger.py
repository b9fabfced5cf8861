"""The ledger: the recent plans of each object, with their gates. What `moor why` reads.

In: each plan as it is made, and what came of it. Out: `story(...)`: plain JSON. Bounded, in memory.
A plan that says the same as the one before it is counted, not repeated, so that 32 entries reach far back.
"""

import datetime
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.times import format_micro_time
from moorage.base.limits import LEDGER_OBJECTS, LEDGER_PLANS
from moorage.reconcile.apply import describe
from moorage.reconcile.plan import Gate, Plan

_NOTHING = Plan()
MAX_LINES = 20
"""Actions of one plan that are kept as text; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan, or several in a row that said the same.

    Args:
        controller: who decided.
        first: when it was decided first.
        last: when it was decided last.
        times: how often in a row.
        actions: what it did, one line each.
        gates: why it did no more; `since` is always filled in.
        error: what went wrong, "" for nothing.
        wake_after: seconds until it looks again without being told.
    """

    controller: str
    first: datetime.datetime
    last: datetime.datetime
    times: int
    actions: tuple[str, ...]
    gates: tuple[Gate, ...]
    error: str
    wake_after: float | None


class Ledger:
    """The plans of every controller of a process."""

    def __init__(self) -> None:
        self._objects: OrderedDict[tuple[str, ObjectKey], deque[Entry]] = OrderedDict()

    def record(self, where: tuple[str, str, ObjectKey], plan: Plan, now: datetime.datetime, error: str) -> None:
        """Keep one plan.

        Args:
            where: controller, kind and key of the object.
            plan: what was decided.
            now: when.
            error: what went wrong in carrying it out, "" for nothing.
        """
        controller, kind, key = where
        entries = self._objects.get((kind, key))
        if entries is None and plan == _NOTHING and not error:
            return  # Nothing was ever wanted of this object: no story to tell.
        if entries is None:
            entries = self._objects[kind, key] = deque(maxlen=LEDGER_PLANS)
            if len(self._objects) > LEDGER_OBJECTS:
                self._objects.popitem(last=False)
        self._objects.move_to_end((kind, key))
        place = next((at for at in reversed(range(len(entries))) if entries[at].controller == controller), None)
        before = entries[place] if place is not None else None
        gates = tuple(_since(gate, before, now) for gate in plan.gates)
        entry = Entry(controller, now, now, 1, _lines(plan), gates, error, plan.wake_after)
        if place is not None and before is not None and _same(before, entry):
            entries[place] = replace(before, last=now, times=before.times + 1, wake_after=plan.wake_after)
        else:
            entries.append(entry)

    def entries(self, kind: str, key: ObjectKey) -> tuple[Entry, ...]:
        """Return the plans of one object, oldest first."""
        return tuple(self._objects.get((kind, key), ()))

    def story(self, kind: str, key: ObjectKey) -> list[dict[str, Any]]:
        """Return the plans of one object as JSON values, oldest first."""
        return [_document(entry) for entry in self.entries(kind, key)]


def _since(gate: Gate, before: Entry | None, now: datetime.datetime) -> Gate:
    """Fill in since when a gate is closed: its own evidence, else when the ledger first saw it closed."""
    if gate.since is not None:
        return gate
    known = next((old for old in before.gates if _identity(old) == _identity(gate)), None) if before else None
    return replace(gate, since=known.since if known else now)


def _identity(gate: Gate) -> tuple[Any, ...]:
    return gate.name, gate.holds, gate.culprit


def _same(old: Entry, new: Entry) -> bool:
    return (old.actions, old.gates, old.error) == (new.actions, new.gates, new.error)


def _lines(plan: Plan) -> tuple[str, ...]:
    steps = (*plan.steps, *((plan.status,) if plan.status else ()), *plan.cleanup)
    lines = [line for step in islice(steps, MAX_LINES + 1) for line in describe(step)]
    return (*lines[:MAX_LINES], "and more") if len(lines) > MAX_LINES else tuple(lines)


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "controller": entry.controller,
        "first": format_micro_time(entry.first),
        "last": format_micro_time(entry.last),
        "times": entry.times,
        "actions": list(entry.actions),
        "gates": [_gate(gate) for gate in entry.gates],
        "error": entry.error,
        "wakeAfterSeconds": entry.wake_after,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    culprit = {
        "kind": gate.culprit.kind,
        "namespace": gate.culprit.key.namespace,
        "name": gate.culprit.key.name,
        "uid": gate.culprit.uid,
    }
    return {
        "name": gate.name,
        "holds": gate.holds,
        "culprit": culprit,
        "evidence": gate.evidence,
        "opens": gate.opens,
        "details": list(gate.details),
        "since": format_micro_time(gate.since) if gate.since else None,
    }

"""When progress becomes a stall: who opens a gate decides how long it may stay closed."""

import datetime

import pytest

from moorage.why import stalls
from moorage.why.stalls import Closed
from moorage.why.table import Opener
from tests.unit.why.cluster import NOW, container, explained, node, pod, thing


def _closed(opener: Opener, age: float | None) -> Closed:
    return Closed("Gate", opener, None if age is None else NOW - datetime.timedelta(seconds=age))


@pytest.mark.parametrize(
    ("opener", "age", "state", "reason"),
    [
        (Opener.ITSELF, 599, "Progressing", "Gate"),
        (Opener.ITSELF, 600, "Stalled", "ProgressDeadlineExceeded"),
        (Opener.PERSON, 9, "Progressing", "Gate"),
        (Opener.PERSON, 10, "Stalled", "Gate"),
        (Opener.CHOICE, 99999, "Held", "Gate"),
        (Opener.ITSELF, None, "Progressing", "Gate"),
    ],
)
def test_states(opener: Opener, age: float | None, state: str, reason: str) -> None:
    found = stalls.state_of([_closed(opener, age)], 600, NOW)
    assert (found.name, found.reason) == (state, reason)


def test_what_is_held_by_choice_neither_moves_nor_is_stalled() -> None:
    held = stalls.state_of([_closed(Opener.CHOICE, 60)], 600, NOW)
    assert [(one["type"], one["status"]) for one in stalls.conditions(held, "paused")] == [
        ("Progressing", "Unknown"),
        ("Stalled", "False"),
    ]


def test_the_end_of_patience_is_told() -> None:
    found = stalls.state_of([_closed(Opener.ITSELF, 100), _closed(Opener.ITSELF, 200)], 600, NOW)
    assert found.deadline == "2026-01-01T01:06:40Z"
    assert stalls.state_of([], 600, NOW).name == "Settled"


def test_a_set_chooses_its_deadline_and_its_pods_follow() -> None:
    owned = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "uid": "uid-web", "controller": True}]}
    crash = container({"terminated": {"exitCode": 2, "finishedAt": "2026-01-01T00:55:00Z"}})
    patient = thing("StatefulSet", "web", metadata={"annotations": {stalls.DEADLINE: "1h"}})
    assert explained(pod(crash, **owned), node(), patient)["state"] == "Progressing"
    hasty = thing("StatefulSet", "web", metadata={"annotations": {stalls.DEADLINE: "1m"}})
    found = explained(pod(crash, **owned), node(), hasty)
    assert found["state"] == "Stalled"
    assert [(one["type"], one["status"], one["reason"]) for one in found["conditions"]] == [
        ("Progressing", "False", "ProgressDeadlineExceeded"),
        ("Stalled", "True", "ProgressDeadlineExceeded"),
    ]

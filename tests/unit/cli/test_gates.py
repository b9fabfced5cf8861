"""`moor why` says who holds what back, since when, what was seen, and what opens it."""

import datetime
from typing import Any

from moorage.cli.output import gates
from moorage.cli.output.describe.sheet import Around

AROUND = Around(datetime.datetime(2026, 1, 1, 0, 1, tzinfo=datetime.UTC))
GATE = {
    "gate": "ReadinessProbeFailing",
    "holds": "create Pod web-1",
    "through": ["PredecessorNotReady"],
    "path": ["StatefulSet web"],
    "culprit": {"kind": "Pod", "namespace": "default", "name": "web-0"},
    "evidence": "readiness probe: HTTP 503",
    "opens": "the probe passes",
    "command": "kubectl logs web-0",
    "since": "2026-01-01T00:00:00Z",
}


def found(*held: dict[str, Any], state: str = "Progressing") -> dict[str, Any]:
    return {"subject": {"kind": "StatefulSet", "namespace": "prod", "name": "web"}, "state": state, "gates": list(held)}


def test_the_culprit_comes_first() -> None:
    assert gates.explained(found(GATE), AROUND).splitlines() == [
        "StatefulSet web is progressing: ReadinessProbeFailing, Pod web-0, for 60s",
        "  saw:    readiness probe: HTTP 503",
        "  holds:  create Pod web-1 (PredecessorNotReady)",
        "  opens:  the probe passes",
        "  do:     kubectl logs web-0",
    ]


def test_the_way_to_a_distant_culprit_is_shown() -> None:
    distant = {**GATE, "path": ["StatefulSet web", "Pod web-0"], "culprit": {"kind": "StorageClass", "name": "fast"}}
    assert "StatefulSet web <- Pod web-0 <- StorageClass fast" in gates.explained(found(distant), AROUND)


def test_many_gates_are_counted_not_told() -> None:
    text = gates.explained(found(*[GATE] * 5), AROUND)
    assert text.splitlines()[-1] == "also: ReadinessProbeFailing (Pod web-0), ReadinessProbeFailing (Pod web-0)"


def test_nothing_held() -> None:
    assert gates.explained(found(state="Settled"), AROUND) == "StatefulSet web: nothing is held back"
    assert gates.in_one_line(found(state="Settled"), AROUND) == "StatefulSet web: nothing is held back"


def test_one_line_an_object_with_its_namespace_where_all_are_listed() -> None:
    line = "StatefulSet web is progressing: ReadinessProbeFailing, Pod web-0, for 60s"
    assert gates.in_one_line(found(GATE), AROUND) == line
    there = gates.in_one_line(found(GATE), AROUND, everywhere=True)
    assert there == line.replace("StatefulSet web", "StatefulSet prod/web")


def test_the_story() -> None:
    moment = "2026-01-01T00:00:57.000000Z"
    plain = {"controller": "statefulset", "last": moment, "times": 1, "actions": [], "gates": [], "error": ""}
    done = {**plain, "actions": ["create Pod web-0", "create Pod web-1"], "times": 3}
    held = {**plain, "gates": [{"name": "PodPending", "holds": "create Pod web-1"}]}
    assert gates.story({**found(), "plans": [done, held]}, AROUND).splitlines() == [
        "AGE  CONTROLLER   TIMES  PLAN",
        "3s   statefulset  3      create Pod web-0",
        "                         create Pod web-1",
        "3s   statefulset  1      held by PodPending: create Pod web-1",
    ]
    assert gates.story(found(), AROUND) == "StatefulSet web: no plan is remembered"

"""`moor why` says which gate holds what back, since when, and what opens it."""

import datetime
from typing import Any

from moorage.api.refs import ObjectKey
from moorage.api.scheme import NODES, STATEFULSETS
from moorage.cli.commands import why
from moorage.cli.output import gates
from moorage.cli.output.describe.sheet import Around

AROUND = Around(datetime.datetime(2026, 1, 1, 0, 1, tzinfo=datetime.UTC))
GATE = {
    "name": "PredecessorNotReady",
    "holds": "create Pod web-1",
    "culprit": {"kind": "Pod", "namespace": "default", "name": "web-0"},
    "evidence": "readiness probe: HTTP 503",
    "opens": "Pod web-0 available",
    "since": "2026-01-01T00:00:00.000000Z",
}


def entry(controller: str = "statefulset", **more: Any) -> dict[str, Any]:
    moment = "2026-01-01T00:00:57.000000Z"
    plain = {"first": moment, "last": moment, "times": 1, "actions": [], "gates": [], "error": ""}
    return {"controller": controller, **plain, **more}


def test_a_gate() -> None:
    assert gates.held_back("statefulset.apps/web", [entry(gates=[GATE])], AROUND) == (
        "statefulset.apps/web\n\n"
        "Gate:       PredecessorNotReady\n"
        "Holds:      create Pod web-1\n"
        "Waits for:  Pod web-0\n"
        "Evidence:   readiness probe: HTTP 503\n"
        "Since:      60s ago (Thu, 01 Jan 2026 00:00:00 +0000)\n"
        "Opens:      Pod web-0 available\n"
    )


def test_what_held_earlier_plans_back_is_over() -> None:
    text = gates.held_back("web", [entry(gates=[GATE]), entry("other"), entry()], AROUND)
    assert text == "web: nothing is held back (last decided 3s ago)\n"


def test_a_plan_that_failed_is_no_settled_one() -> None:
    text = gates.held_back("web", [entry(error="create Pod web-0: forbidden")], AROUND)
    assert "Error:   create Pod web-0: forbidden" in text
    assert gates.SETTLED not in text


def test_nothing_known_is_not_nothing_held() -> None:
    assert "no plan is known" in gates.held_back("web", [], AROUND)


def test_the_story() -> None:
    entries = [entry(actions=["create Pod web-0", "create Pod web-1"], times=3), entry(gates=[GATE])]
    assert gates.story(entries, AROUND).splitlines() == [
        "AGE  CONTROLLER   TIMES  PLAN",
        "3s   statefulset  3      create Pod web-0",
        "                         create Pod web-1",
        "3s   statefulset  1      held by PredecessorNotReady: create Pod web-1",
    ]


def test_paths() -> None:
    assert why.path(STATEFULSETS, ObjectKey("prod", "web")) == "/moorage/v1/why/statefulsets.apps/prod/web"
    assert why.path(NODES, ObjectKey("", "n")) == "/moorage/v1/why/nodes/-/n"

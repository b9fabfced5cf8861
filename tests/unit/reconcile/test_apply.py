"""Carrying out plans: order, preconditions, failures, what was written."""

import asyncio
from typing import Any

import pytest

from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import CONFIGMAPS
from moorage.client.api import Api
from moorage.client.ports import Request, User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.reconcile import apply
from moorage.reconcile.actions import (
    Action,
    Batch,
    Confirm,
    ConfirmAbsent,
    ConfirmEmpty,
    Create,
    Delete,
    Emit,
    Patch,
    Update,
)
from moorage.reconcile.freshness import Gone, Seen
from moorage.reconcile.plan import Plan
from tests.fakes.server import FakeServer

PATH = "/api/v1/namespaces/default/configmaps"
KEY = ObjectKey("default", "a")


class Recorder:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[Emit] = []

    def record(self, event: Emit) -> None:
        self.events.append(event)


def _config_map(name: str = "a", **metadata: Any) -> Document:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default", **metadata}}


def _event(message: str, reason: str = "Done") -> Emit:
    return Emit(_config_map(), "Normal", reason, message)


def _run(server: FakeServer, plan: Plan) -> tuple[apply.Outcome, list[Emit]]:
    recorder = Recorder()
    outcome = asyncio.run(apply.run(plan, Api(InProcess(server, User("test"))), recorder))
    return outcome, recorder.events


def _server(*names: str) -> FakeServer:
    server = FakeServer()
    for name in names:
        asyncio.run(server.put(f"{PATH}/{name}", _config_map(name, uid=f"uid-{name}")))
    return server


def _methods(server: FakeServer) -> list[str]:
    return [request.method for request in server.requests]


def test_steps_run_in_order_and_report_their_revisions() -> None:
    server = _server()
    create = Create(CONFIGMAPS, _config_map(), on_success=_event("made"))
    outcome, events = _run(server, Plan((create, _event("then"))))
    assert outcome.error is None
    assert outcome.written == [Seen(CONFIGMAPS, 101)]
    assert [event.message for event in events] == ["made", "then"]


def test_the_first_failure_stops_the_steps_but_not_status_and_cleanup() -> None:
    server = _server("a", "b", "c")
    taken = Create(CONFIGMAPS, _config_map(), on_failure=_event("failed: {error}", "Failed"))
    never = Create(CONFIGMAPS, _config_map("never"))
    server.refuse = lambda request: status(500, "no") if request.method == "POST" else None
    b = server.objects[f"{PATH}/b"]
    plan = Plan(
        (taken, never),
        Update(CONFIGMAPS, {**b, "data": {"x": "1"}}, "status"),
        cleanup=(Delete(CONFIGMAPS, ObjectKey("default", "c"), "uid-c"),),
    )
    outcome, events = _run(server, plan)
    assert str(outcome.error) == "no"
    assert [event.message for event in events] == ["failed: no"]
    assert _methods(server) == ["POST", "PUT", "DELETE"]
    assert f"{PATH}/never" not in server.objects


def test_a_failure_may_change_what_the_status_says() -> None:
    server = _server("a")
    a = server.objects[f"{PATH}/a"]
    plan = Plan(
        (Create(CONFIGMAPS, _config_map("b")),),
        Update(CONFIGMAPS, {**a, "data": {"x": "good"}}),
        lambda error: Update(CONFIGMAPS, {**a, "data": {"x": str(error)}}),
    )
    server.refuse = lambda request: status(500, "no") if request.method == "POST" else None
    _run(server, plan)
    assert server.objects[f"{PATH}/a"]["data"] == {"x": "no"}
    server.refuse = lambda _request: None
    again = server.objects[f"{PATH}/a"]
    _run(server, Plan(plan.steps, Update(CONFIGMAPS, {**again, "data": {"x": "good"}}), plan.status_if_failed))
    assert server.objects[f"{PATH}/a"]["data"] == {"x": "good"}


def test_an_event_may_name_what_was_created() -> None:
    _, events = _run(_server(), Plan((Create(CONFIGMAPS, _config_map("x"), on_success=_event("made {name}")),)))
    assert [event.message for event in events] == ["made x"]


def test_existing_is_a_failure_without_a_word() -> None:
    outcome, events = _run(_server("a"), Plan((Create(CONFIGMAPS, _config_map(), on_failure=_event("{error}")),)))
    assert outcome.error is not None
    assert events == []


def test_existing_may_be_success() -> None:
    outcome, _ = _run(_server("a"), Plan((Create(CONFIGMAPS, _config_map(), exists_ok=True),)))
    assert outcome.error is None
    assert outcome.written == []


def test_a_patch_names_uid_and_version() -> None:
    server = _server("a")
    good = Patch(CONFIGMAPS, KEY, {"data": {"x": "1"}}, "uid-a", resource_version="101")
    assert _run(server, Plan((good,)))[0].written == [Seen(CONFIGMAPS, 102)]
    for uid, version in (("uid-other", ""), ("uid-a", "101")):
        outcome, _ = _run(server, Plan((Patch(CONFIGMAPS, KEY, {"data": {}}, uid, resource_version=version),)))
        assert getattr(outcome.error, "code", None) == 409
    assert server.objects[f"{PATH}/a"]["data"] == {"x": "1"}


def test_a_patch_keeps_the_metadata_of_its_body() -> None:
    server = _server("a")
    _run(server, Plan((Patch(CONFIGMAPS, KEY, {"metadata": {"labels": {"l": "1"}}}, "uid-a"),)))
    assert server.objects[f"{PATH}/a"]["metadata"]["labels"] == {"l": "1"}


def test_patching_what_is_gone_may_be_success() -> None:
    missing = Patch(CONFIGMAPS, KEY, {}, "u", missing_ok=True)
    assert _run(_server(), Plan((missing,)))[0].error is None
    assert _run(_server(), Plan((Patch(CONFIGMAPS, KEY, {}, "u"),)))[0].error is not None


def test_deleting_what_is_gone_or_another_is_success() -> None:
    for server, uid in ((_server(), "u"), (_server("a"), "uid-older")):
        outcome, _ = _run(server, Plan((Delete(CONFIGMAPS, KEY, uid),)))
        assert outcome.error is None
        assert outcome.written == [Gone(CONFIGMAPS, KEY, uid)]
        assert len(server.objects) == (1 if uid == "uid-older" else 0)


def test_a_deletion_that_waits_is_seen_by_its_revision() -> None:
    server = FakeServer()
    asyncio.run(server.put(f"{PATH}/a", _config_map(uid="u", finalizers=["x/y"])))
    outcome, _ = _run(server, Plan((Delete(CONFIGMAPS, KEY, "u"),)))
    assert outcome.written == [Seen(CONFIGMAPS, 102)]


def test_another_conflict_of_a_deletion_is_a_failure() -> None:
    server = _server("a")
    server.refuse = lambda request: {
        **status(409, "the resourceVersion in the precondition (1) differs"),
        "reason": "Conflict",
    }
    outcome, _ = _run(server, Plan((Delete(CONFIGMAPS, KEY, "uid-a", "1"),)))
    assert outcome.error is not None


def test_confirmations_read_live() -> None:
    server = _server("a")
    cases: list[tuple[Action, bool]] = [
        (Confirm(CONFIGMAPS, KEY, "uid-a"), True),
        (Confirm(CONFIGMAPS, KEY, "uid-x"), False),
        (Confirm(CONFIGMAPS, ObjectKey("default", "none"), "u"), False),
        (ConfirmAbsent(CONFIGMAPS, KEY, "uid-a"), False),
        (ConfirmAbsent(CONFIGMAPS, KEY, "uid-x"), True),
        (ConfirmAbsent(CONFIGMAPS, KEY, ""), False),
        (ConfirmEmpty(CONFIGMAPS, "default"), False),
        (ConfirmEmpty(CONFIGMAPS, "other"), True),
        (ConfirmEmpty(CONFIGMAPS, "default", lambda document: document["metadata"]["name"] == "b"), True),
        (ConfirmEmpty(CONFIGMAPS, "default", lambda document: document["metadata"]["name"] == "a"), False),
    ]
    for action, passes in cases:
        outcome, _ = _run(server, Plan((action, Create(CONFIGMAPS, _config_map("next"), exists_ok=True))))
        assert (outcome.error is None) == passes, action


@pytest.mark.parametrize(("generation", "problem"), [(0, "None"), (3, "None"), (2, "has changed: generation 3")])
def test_what_an_object_asks_for_can_be_confirmed(generation: int, problem: str) -> None:
    server = FakeServer()
    asyncio.run(server.put(f"{PATH}/a", _config_map(uid="u", generation=3)))
    outcome, _ = _run(server, Plan((Confirm(CONFIGMAPS, KEY, "u", generation),)))
    assert problem in str(outcome.error)


def test_a_deleted_object_is_not_confirmed() -> None:
    server = FakeServer()
    document = _config_map(uid="u", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["x/y"])
    asyncio.run(server.put(f"{PATH}/a", document))
    outcome, _ = _run(server, Plan((Confirm(CONFIGMAPS, KEY, "u"),)))
    assert "has just been deleted" in str(outcome.error)


def test_a_batch_starts_slowly_and_a_failure_ends_later_rounds_only() -> None:
    class Counting(FakeServer):
        """Counts what is under way."""

        def refusal(self, request: Request) -> Document | None:
            return status(500, "no") if str(request.body).find("'name': '3'") >= 0 else None

    server = Counting()
    server.refuse = server.refusal
    sequences = tuple((Create(CONFIGMAPS, _config_map(str(number))),) for number in range(10))
    outcome, _ = _run(server, Plan((Batch(sequences),)))
    assert outcome.error is not None
    # Rounds of 1, 2, 4: the third holds number 3, its neighbours are made, later rounds are not begun.
    assert sorted(server.objects) == [f"{PATH}/{number}" for number in (0, 1, 2, 4, 5, 6)]


def test_a_sequence_of_a_batch_stops_at_its_own_failure() -> None:
    server = _server("a")
    sequences = ((Create(CONFIGMAPS, _config_map("a")), Create(CONFIGMAPS, _config_map("b"))),)
    _run(server, Plan((Batch(sequences),)))
    assert f"{PATH}/b" not in server.objects


def test_describes_steps_for_people() -> None:
    made = Create(CONFIGMAPS, _config_map())
    batch = Batch(((made,), (Delete(CONFIGMAPS, KEY, "u"), _event("x"))))
    assert apply.describe(batch) == ("create ConfigMap default/a", "delete ConfigMap default/a", "event Done")
    assert apply.describe(Patch(CONFIGMAPS, KEY, {}, "u", subresource="status")) == (
        "patch ConfigMap/status default/a",
    )
    assert apply.describe(ConfigEmpty) == ("confirm absence of configmaps of default",)


ConfigEmpty = ConfirmEmpty(CONFIGMAPS, "default")

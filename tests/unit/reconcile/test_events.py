"""Events: what is written, what is counted, what is cut off."""

import asyncio
import datetime

from moorage.api.refs import Document
from moorage.client.api import Api
from moorage.client.ports import User
from moorage.client.responses import status
from moorage.client.transports.inprocess import InProcess
from moorage.reconcile.actions import Emit
from moorage.reconcile.correlator import BURST, COMBINED, Correlator, Verdict, Written
from moorage.reconcile.recorder import MAX_WAITING, EventRecorder
from tests.fakes.clock import START, ManualClock
from tests.fakes.server import FakeServer


def _about(name: str = "web") -> Document:
    metadata = {"name": name, "namespace": "default", "uid": "u", "resourceVersion": "7"}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata}


def _event(message: str = "made", about: Document | None = None) -> Emit:
    return Emit(about or _about(), "Normal", "Made", message)


def _recorder(server: FakeServer, clock: ManualClock) -> EventRecorder:
    return EventRecorder(Api(InProcess(server, User("test"))), clock, "statefulset-controller")


def _record(recorder: EventRecorder, *events: Emit) -> None:
    for event in events:
        recorder.record(event)
    asyncio.run(recorder.flush())


def test_an_event_says_what_happened_to_whom() -> None:
    server = FakeServer()
    _record(_recorder(server, ManualClock()), _event())
    (document,) = server.objects.values()
    nanos = int(START.timestamp()) * 10**9
    assert document["metadata"]["name"] == f"web.{nanos:x}"
    assert document["involvedObject"] == {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "namespace": "default", "name": "web", "uid": "u",
        "resourceVersion": "7",
    }  # fmt: skip
    assert document["source"] == {"component": "statefulset-controller"}
    assert (document["type"], document["reason"], document["message"], document["count"]) == (
        "Normal",
        "Made",
        "made",
        1,
    )
    assert document["firstTimestamp"] == document["lastTimestamp"] == "2026-01-01T00:00:00Z"


def test_events_of_one_moment_have_names_of_their_own() -> None:
    server = FakeServer()
    _record(_recorder(server, ManualClock()), _event("one"), _event("two"))
    assert len(server.objects) == 2


def test_repetition_is_counted() -> None:
    server, clock = FakeServer(), ManualClock()
    recorder = _recorder(server, clock)
    _record(recorder, _event())
    clock.jump(60)
    _record(recorder, _event(), _event())
    (document,) = server.objects.values()
    assert document["count"] == 3
    assert document["firstTimestamp"] == "2026-01-01T00:00:00Z"
    assert document["lastTimestamp"] == "2026-01-01T00:01:00Z"


def test_an_expired_event_is_written_anew() -> None:
    server = FakeServer()
    recorder = _recorder(server, ManualClock())
    _record(recorder, _event())
    asyncio.run(server.remove(next(iter(server.objects))))
    _record(recorder, _event())
    (document,) = server.objects.values()
    assert document["count"] == 1


def test_events_of_cluster_scoped_objects_live_in_default() -> None:
    server = FakeServer()
    node: Document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "u"}}
    _record(_recorder(server, ManualClock()), _event(about=node))
    assert next(iter(server.objects)).startswith("/api/v1/namespaces/default/events/n1.")


def test_a_refused_event_is_dropped_and_the_next_is_written() -> None:
    server = FakeServer()
    recorder = _recorder(server, ManualClock())
    server.refuse = lambda request: status(403, "no")
    _record(recorder, _event("one"))
    server.refuse = lambda request: None
    _record(recorder, _event("two"))
    assert recorder.dropped == 1
    assert [document["message"] for document in server.objects.values()] == ["two"]


def test_the_line_is_bounded() -> None:
    recorder = _recorder(FakeServer(), ManualClock())
    for number in range(MAX_WAITING + 5):
        recorder.record(_event(str(number)))
    assert recorder.dropped == 5


def _judge(correlator: Correlator, message: str, at: datetime.datetime = START, name: str = "web") -> Verdict | None:
    verdict = correlator.judge(_event(message, _about(name)), at)
    if verdict is not None:
        correlator.wrote(verdict, Written("name", (verdict.known.count if verdict.known else 0) + 1, at))
    return verdict


def test_many_similar_events_are_combined() -> None:
    correlator = Correlator()
    verdicts = [_judge(correlator, f"pod {number}") for number in range(13)]
    texts = [verdict.message if verdict else None for verdict in verdicts]
    assert texts[:10] == [f"pod {number}" for number in range(10)]
    assert texts[10:] == [f"{COMBINED}pod {number}" for number in (10, 11, 12)]
    assert verdicts[10] is not None
    assert verdicts[10].known is None
    assert verdicts[12] is not None
    assert verdicts[12].known is not None
    assert verdicts[12].known.count == 2


def test_a_pause_ends_the_combining() -> None:
    correlator = Correlator()
    for number in range(12):
        _judge(correlator, f"pod {number}")
    later = _judge(correlator, "pod x", START + datetime.timedelta(seconds=601))
    assert later is not None
    assert later.message == "pod x"


def test_a_flood_is_cut_off_and_refills_slowly() -> None:
    correlator = Correlator()
    passed = [_judge(correlator, "same") for _ in range(BURST + 5)]
    assert sum(verdict is not None for verdict in passed) == BURST
    assert _judge(correlator, "same", name="other") is not None
    assert _judge(correlator, "same", START + datetime.timedelta(seconds=299)) is None
    assert _judge(correlator, "same", START + datetime.timedelta(seconds=301)) is not None

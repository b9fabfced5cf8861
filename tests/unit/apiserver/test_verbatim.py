"""A revision's data counts to the letter: which writes pass, by how the object was posted and how it is written again."""

import asyncio
from dataclasses import dataclass

import pytest

from moorage.api.refs import Document
from moorage.api.schemadata import load_wire_table
from moorage.apiserver import protobuf, verbatim
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES
from tests.fakes.apiserver import Asker, on_server, serving

REVISIONS = "/apis/apps/v1/namespaces/default/controllerrevisions"
ONE = f"{REVISIONS}/x"
POSTED = b'{"metadata": {"name": "x"}, "revision": 1, "data": %s}'
SORTED, SPACED, UNSORTED, BARE = (
    b'{"a":1,"b":"\\u003c"}',
    b'{"a": 1,"b":"\\u003c"}',
    b'{"b":"\\u003c","a":1}',
    b'{"a":1,"b":"<"}',
)
VALUE = {"a": 1, "b": "<"}
MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
NUMBER, OPERATION = b'{"revision":2}', b'[{"op":"replace","path":"/revision","value":2}]'
APPLIED = b"{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: x}, revision: 1, data: {b: '<', a: 1}}"
WRITES = {
    "merge": (MERGE, NUMBER),
    "json": (JSON, OPERATION),
    "strategic": (STRATEGIC, NUMBER),
    "apply": (APPLY, APPLIED),
}


@dataclass(frozen=True)
class Row:
    """Which patches of the number pass, where the data was posted like this."""

    data: bytes
    passes: str


@pytest.mark.parametrize(
    "row",
    [
        Row(SORTED, "merge json strategic apply"),
        Row(UNSORTED, "merge json"),
        Row(SPACED, ""),
        Row(BARE, ""),
    ],
    ids=lambda row: row.data.decode(),
)
def test_patches_pass_where_they_write_the_same_bytes(row: Row) -> None:
    async def run(asker: Asker) -> list[str]:
        assert (await asker.post(REVISIONS, POSTED % row.data))["data"] == VALUE
        passed = []
        for name, (media, body) in WRITES.items():
            path = f"{ONE}?fieldManager=m&force=true" if name == "apply" else ONE
            answer = await asker.ask("PATCH", path, body, content_type=media)
            if answer.get("code") is None:
                passed.append(name)
            else:
                assert answer["code"] == 422
                assert answer["details"]["causes"][0]["field"] == "data"
        return passed

    assert on_server(run) == row.passes.split()


@pytest.mark.parametrize("posted", [SORTED, UNSORTED, SPACED, BARE])
@pytest.mark.parametrize("put", [SORTED, UNSORTED, SPACED, BARE])
def test_a_put_compares_the_bytes_as_sent_also_after_a_restart(posted: bytes, put: bytes) -> None:
    async def run() -> Document:
        async with serving() as first:
            await first.post(REVISIONS, POSTED % posted)
            services = first.core.services
            again = ApiServer(services.store, services.schemas, STRATEGIES, services.ambient, services.settings)
            await again.start()
            answers = [await one.put(ONE, POSTED % put) for one in (first, Asker(again))]
            await again.stop()
        assert answers[0].get("code") == answers[1].get("code")
        return answers[0]

    assert (asyncio.run(run()).get("code") is None) == (posted == put)


def test_yaml_and_callers_in_the_process_write_what_go_would() -> None:
    async def run(asker: Asker) -> None:
        text = b"{metadata: {name: x}, revision: 1, data: {b: '<', a: 1}}"
        await asker.post(REVISIONS, text, content_type="application/yaml")
        assert list((await asker.get(ONE))["data"]) == ["a", "b"]
        assert (await asker.put(ONE, POSTED % SORTED)).get("code") is None
        assert (await asker.put(ONE, {"metadata": {"name": "x"}, "revision": 3, "data": {"b": "<", "a": 1}}))[
            "revision"
        ] == 3
        assert (await asker.put(ONE, POSTED % SPACED))["code"] == 422

    on_server(run)


def test_answers_are_compact() -> None:
    async def run(asker: Asker) -> bytes:
        await asker.post(REVISIONS, POSTED % SPACED)
        answer = await asker.core.serve(asker.request("GET", ONE))
        assert isinstance(answer.body, bytes)
        return answer.body

    assert b'"data":{"a":1,"b":"<"}' in on_server(run)


def test_raw_bytes_of_protobuf_are_kept() -> None:
    def chunk(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    body = protobuf.MAGIC + chunk(2, chunk(2, chunk(1, SPACED)))
    made = protobuf.decode(body, load_wire_table(), "io.k8s.api.apps.v1.ControllerRevision")
    assert verbatim.text_of(made["data"]) == SPACED

"""Server-side apply and field ownership through the whole server."""

import json
from typing import Any

from moorage.api.refs import Document
from tests.fakes.apiserver import Asker, on_server

MAPS = "/api/v1/namespaces/default/configmaps"
APPLY = "application/apply-patch+yaml"


async def _apply(
    asker: Asker, config: Document | bytes, query: str = "fieldManager=one", path: str = f"{MAPS}/a"
) -> Document:
    return await asker.ask("PATCH", f"{path}?{query}", config, content_type=APPLY)


def _map(**data: str) -> Document:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


def _owners(document: Document) -> dict[str, Any]:
    entries = document["metadata"].get("managedFields", [])
    return {f"{entry['manager']}/{entry['operation']}": entry["fieldsV1"] for entry in entries}


def test_apply_creates_then_changes_nothing() -> None:
    async def run(asker: Asker) -> None:
        answer = await asker.answer("PATCH", f"{MAPS}/a?fieldManager=one", _map(k="v"), content_type=APPLY)
        assert answer.code == 201
        made = answer.body
        assert isinstance(made, dict)
        assert _owners(made) == {"one/Apply": {"f:data": {"f:k": {}}}}
        assert await _apply(asker, _map(k="v")) == made

    on_server(run)


def test_a_field_left_out_goes_unless_another_owns_it() -> None:
    async def run(asker: Asker) -> None:
        await _apply(asker, _map(mine="1", shared="1"))
        await _apply(asker, _map(shared="1"), "fieldManager=two")
        bare = {key: value for key, value in _map().items() if key != "data"}
        assert (await _apply(asker, bare))["data"] == {"shared": "1"}
        last = await _apply(asker, bare, "fieldManager=two")
        assert "data" not in last
        assert "managedFields" not in last["metadata"]

    on_server(run)


def test_a_conflict_names_manager_and_field_and_force_takes_over() -> None:
    async def run(asker: Asker) -> None:
        await _apply(asker, _map(k="v"))
        refused = await _apply(asker, _map(k="w"), "fieldManager=two")
        assert (refused["code"], refused["reason"]) == (409, "Conflict")
        assert refused["details"]["causes"] == [
            {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.k"}
        ]
        taken = await _apply(asker, _map(k="w"), "fieldManager=two&force=true")
        assert _owners(taken) == {"two/Apply": {"f:data": {"f:k": {}}}}

    on_server(run)


def test_plain_writes_own_what_they_change() -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(f"{MAPS}?fieldManager=poster", _map(a="1", b="1"))
        assert _owners(made) == {"poster/Update": {"f:data": {".": {}, "f:a": {}, "f:b": {}}}}
        patch = {"data": {"b": "2"}}
        changed = await asker.ask(
            "PATCH", f"{MAPS}/a?fieldManager=patcher", patch, content_type="application/merge-patch+json"
        )
        assert _owners(changed) == {
            "poster/Update": {"f:data": {".": {}, "f:a": {}}},
            "patcher/Update": {"f:data": {"f:b": {}}},
        }

    on_server(run)


def test_status_is_owned_apart_from_spec() -> None:
    async def run(asker: Asker) -> None:
        nodes = "/api/v1/nodes"
        await asker.post(f"{nodes}?fieldManager=admin", {"metadata": {"name": "n"}, "spec": {"podCIDR": "10.9.0.0/24"}})
        written = await asker.ask(
            "PATCH",
            f"{nodes}/n/status?fieldManager=kubelet",
            {"spec": {"unschedulable": True}, "status": {"phase": "Running"}},
            content_type="application/merge-patch+json",
        )
        assert "unschedulable" not in written["spec"]
        entry = next(one for one in written["metadata"]["managedFields"] if one["manager"] == "kubelet")
        assert entry["subresource"] == "status"
        assert entry["fieldsV1"] == {"f:status": {"f:phase": {}}}

    on_server(run)


def test_one_empty_entry_strips_them_and_an_empty_list_does_not() -> None:
    async def run(asker: Asker) -> None:
        made = await _apply(asker, _map(k="v"))
        kept = await asker.merge(f"{MAPS}/a", {"metadata": {"managedFields": []}})
        assert _owners(kept) == _owners(made)
        stripped = await asker.merge(f"{MAPS}/a", {"metadata": {"managedFields": [{}]}})
        assert "managedFields" not in stripped["metadata"]

    on_server(run)


def test_what_a_bad_apply_gets() -> None:
    async def run(asker: Asker) -> None:
        bodies: list[tuple[bytes, str]] = [
            (b"a: [", "error decoding YAML"),
            (b"- a", "the configuration must be an object"),
            (b"metadata: {name: a}", "Object 'Kind' is missing in"),
            (json.dumps({**_map(), "metadata": {"name": "b"}}).encode(), "does not match the name on the URL"),
            (json.dumps({**_map(), "metadata": {"name": "a", "managedFields": [{}]}}).encode(), "must be nil"),
        ]
        for body, sentence in bodies:
            refused = await _apply(asker, body)
            assert refused["code"] == 400, refused
            assert sentence in refused["message"], refused
        unnamed = await _apply(asker, _map(), "")
        assert (unnamed["code"], unnamed["details"]["causes"][0]["field"]) == (422, "fieldManager")
        absent = await _apply(asker, {**_map(), "kind": "Node"}, path="/api/v1/nodes/zz/status")
        assert absent["code"] == 404

    on_server(run)


def test_dropping_the_last_label_leaves_the_name() -> None:
    async def run(asker: Asker) -> None:
        labelled = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"l": "1"}}}
        await _apply(asker, labelled)
        bare = await _apply(asker, {**labelled, "metadata": {"name": "a"}})
        assert bare["metadata"]["name"] == "a", bare
        assert "labels" not in bare["metadata"]

    on_server(run)

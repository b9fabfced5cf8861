"""Lists and watches: selectors, pages, revisions, forms."""

import asyncio
import json

import pytest

from moorage.api import meta
from moorage.base.errors import ApiError
from tests.fakes.apiserver import Asker, on_server, pod
from tests.fakes.clock import settle

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


async def _three(asker: Asker) -> list[str]:
    """Make a, b, c with labels; return the revisions."""
    revisions = []
    for name, tier in (("a", "1"), ("b", "2"), ("c", "1")):
        made = await asker.post(MAPS, {"metadata": {"name": name, "labels": {"tier": tier}}})
        revisions.append(made["metadata"]["resourceVersion"])
    return revisions


def _names(listing: dict[str, object]) -> list[str]:
    items = listing["items"]
    assert isinstance(items, list)
    return [item["metadata"]["name"] for item in items]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["a", "b", "c"]),
        ("labelSelector=tier=1", ["a", "c"]),
        ("labelSelector=tier notin (1)", ["b"]),
        ("fieldSelector=metadata.name=b", ["b"]),
        ("fieldSelector=metadata.name!=b&labelSelector=tier", ["a", "c"]),
    ],
)
def test_selectors(query: str, names: list[str]) -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)
        assert _names(await asker.get(f"{MAPS}?{query}")) == names

    on_server(run)


def test_pages_show_one_revision() -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)
        first = await asker.get(f"{MAPS}?limit=2")
        assert _names(first) == ["a", "b"]
        assert first["metadata"]["remainingItemCount"] == 1
        await asker.delete(f"{MAPS}/c")
        await asker.post(MAPS, {"metadata": {"name": "d"}})
        rest = await asker.get(f"{MAPS}?limit=2&continue={first['metadata']['continue']}")
        assert _names(rest) == ["c"]
        assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]

    on_server(run)


def test_a_token_of_another_list_is_refused() -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)
        token = (await asker.get(f"{MAPS}?limit=1"))["metadata"]["continue"]
        secrets = "/api/v1/namespaces/kube-system/secrets"
        assert (await asker.get(f"{secrets}?continue={token}"))["code"] == 400
        assert (await asker.get(f"{MAPS}?continue=garbage!"))["code"] == 400

    on_server(run)


def test_exact_revision_is_a_snapshot() -> None:
    async def run(asker: Asker) -> None:
        revisions = await _three(asker)
        past = await asker.get(f"{MAPS}?resourceVersion={revisions[1]}&resourceVersionMatch=Exact")
        assert _names(past) == ["a", "b"]

    on_server(run)


def test_pods_of_a_node_are_found_by_index() -> None:
    async def run(asker: Asker) -> None:
        for name, node in (("p", "n1"), ("q", "n2"), ("r", "n1")):
            await asker.post(PODS, pod(name, nodeName=node))
        assert _names(await asker.get("/api/v1/pods?fieldSelector=spec.nodeName=n1")) == ["p", "r"]
        bad = await asker.get(f"{PODS}?fieldSelector=spec.foo=1")
        assert (bad["code"], bad["message"]) == (400, "field label not supported: spec.foo")

    on_server(run)


def test_watch_replays_from_a_revision() -> None:
    async def run(asker: Asker) -> None:
        revisions = await _three(asker)
        await asker.delete(f"{MAPS}/a")
        events = await asker.watch(f"{MAPS}?watch=1&resourceVersion={revisions[0]}", 3)
        seen = [(event.type, event.object["metadata"]["name"]) for event in events]
        assert seen == [("ADDED", "b"), ("ADDED", "c"), ("DELETED", "a")]
        versions = [int(event.object["metadata"]["resourceVersion"]) for event in events]
        assert versions == sorted(versions)

    on_server(run)


def test_watch_tells_of_entering_and_leaving_a_selection() -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)

        async def change() -> dict[str, object]:
            await settle()
            await asker.merge(f"{MAPS}/a", {"metadata": {"labels": {"tier": "2"}}})
            return await asker.merge(f"{MAPS}/b", {"metadata": {"labels": {"tier": "3"}}})

        events, changed = await asyncio.gather(asker.watch(f"{MAPS}?watch=1&labelSelector=tier=2", 3), change())
        assert [(event.type, event.object["metadata"]["name"]) for event in events] == [
            ("ADDED", "b"),
            ("ADDED", "a"),
            ("DELETED", "b"),
        ]
        assert events[2].object["metadata"]["labels"] == {"tier": "2"}
        assert events[2].object["metadata"]["resourceVersion"] == meta.resource_version(changed)

    on_server(run)


def test_a_short_watch_says_how_far_it_got() -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(MAPS, {"metadata": {"name": "a"}})
        revision = made["metadata"]["resourceVersion"]
        path = f"{MAPS}?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion={revision}"
        (event,) = await asker.watch(path, 1)
        assert (event.type, event.object["metadata"]["resourceVersion"]) == ("BOOKMARK", revision)

    on_server(run)


def test_a_watch_from_before_the_history_is_told_so() -> None:
    async def run(asker: Asker) -> None:
        shelf = next(one for one in asker.core.services.cache.shelves() if one.resource.plural == "configmaps")
        await _three(asker)
        shelf.oldest = asker.core.services.cache.revision
        (event,) = await asker.watch(f"{MAPS}?watch=1&resourceVersion=1", 1)
        assert (event.type, event.object["code"], event.object["reason"]) == ("ERROR", 410, "Expired")

    on_server(run)


def test_refused_watches_raise() -> None:
    async def run(asker: Asker) -> None:
        for query in ("sendInitialEvents=true", "resourceVersion=x"):
            with pytest.raises(ApiError) as refused:
                await asker.watch(f"{MAPS}?watch=1&{query}", 1)
            assert refused.value.code == 422

    on_server(run)


def test_table_form() -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)
        table = await asker.get(f"{MAPS}?limit=1", accept=TABLE)
        assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
        assert table["rows"][0]["cells"][:2] == ["a", 0]
        assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
        assert table["metadata"]["continue"]

    on_server(run)


def test_wire_lists_have_items_without_kind() -> None:
    async def run(asker: Asker) -> None:
        await _three(asker)
        body = (await asker.core.serve(asker.request("GET", MAPS))).body
        assert isinstance(body, bytes)
        items = json.loads(body)["items"]
        assert "kind" not in items[0]
        assert items[0]["metadata"]["name"] == "a"

    on_server(run)


def test_unknown_things_are_not_found() -> None:
    async def run(asker: Asker) -> None:
        assert (await asker.get("/api/v1/namespaces/default/nonsense"))["message"] == (
            "the server could not find the requested resource"
        )
        assert (await asker.answer("GET", "/nothing")).code == 404
        assert (await asker.ask("POST", f"{MAPS}/a", {}))["code"] == 405

    on_server(run)

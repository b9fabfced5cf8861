"""The life of an object: created, read, changed, deleted, and what is refused on the way."""

import asyncio

import pytest

from tests.fakes.apiserver import Asker, on_server, pod

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"


async def _made(asker: Asker, name: str = "a") -> dict[str, object]:
    return await asker.post(MAPS, {"metadata": {"name": name}, "data": {"k": "v"}})


def test_create_sets_what_the_server_sets() -> None:
    async def run(asker: Asker) -> None:
        given = {"metadata": {"name": "a", "uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z"}}
        made = await asker.post(MAPS, given)
        metadata = made["metadata"]
        assert metadata["uid"] != "mine"
        assert not metadata["creationTimestamp"].startswith("2001")
        assert metadata["namespace"] == "default"
        assert int(metadata["resourceVersion"]) > 0
        assert await asker.get(f"{MAPS}/a") == made

    on_server(run)


def test_generated_names_differ() -> None:
    async def run(asker: Asker) -> None:
        names = [(await asker.post(MAPS, {"metadata": {"generateName": "x-"}}))["metadata"]["name"] for _ in range(3)]
        assert len(set(names)) == 3
        assert all(len(name) == 7 and name.startswith("x-") for name in names)

    on_server(run)


def test_a_taken_name_is_refused() -> None:
    async def run(asker: Asker) -> None:
        await _made(asker)
        again = await _made(asker)
        assert (again["code"], again["reason"]) == (409, "AlreadyExists")
        assert again["message"] == 'configmaps "a" already exists'

    on_server(run)


def test_dry_run_stores_nothing() -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(f"{MAPS}?dryRun=All", {"metadata": {"name": "a"}})
        assert made["metadata"]["uid"]
        assert (await asker.get(f"{MAPS}/a"))["code"] == 404
        assert (await asker.post(f"{MAPS}?dryRun=Some", {"metadata": {"name": "a"}}))["code"] == 422

    on_server(run)


def test_stale_update_is_refused_and_fresh_one_passes() -> None:
    async def run(asker: Asker) -> None:
        first = await _made(asker)
        second = await asker.put(f"{MAPS}/a", {**first, "data": {"k": "w"}})
        assert second["data"] == {"k": "w"}
        stale = await asker.put(f"{MAPS}/a", {**first, "data": {"k": "x"}})
        assert (stale["code"], stale["reason"]) == (409, "Conflict")
        assert "the object has been modified" in stale["message"]

    on_server(run)


def test_update_without_change_keeps_the_revision() -> None:
    async def run(asker: Asker) -> None:
        made = await _made(asker)
        assert (await asker.put(f"{MAPS}/a", made))["metadata"] == made["metadata"]
        assert (await asker.merge(f"{MAPS}/a", {"data": {"k": "v"}}))["metadata"] == made["metadata"]

    on_server(run)


def test_put_of_another_uid_conflicts_and_of_another_name_is_bad() -> None:
    async def run(asker: Asker) -> None:
        made = await _made(asker)
        metadata = dict(made["metadata"])  # type: ignore[call-overload]
        other = await asker.put(f"{MAPS}/a", {**made, "metadata": {**metadata, "uid": "other"}})
        assert other["code"] == 409
        renamed = await asker.put(f"{MAPS}/a", {**made, "metadata": {**metadata, "name": "b"}})
        assert renamed["code"] == 400
        assert renamed["message"] == "the name of the object (b) does not match the name on the URL (a)"

    on_server(run)


@pytest.mark.parametrize(
    ("media", "body", "data"),
    [
        ("application/merge-patch+json", b'{"data":{"k":null,"l":"1"}}', {"l": "1"}),
        ("application/strategic-merge-patch+json", b'{"data":{"$patch":"replace","z":"1"}}', {"z": "1"}),
        ("application/json-patch+json", b'[{"op":"add","path":"/data/l","value":"2"}]', {"k": "v", "l": "2"}),
    ],
)
def test_patches(media: str, body: bytes, data: dict[str, str]) -> None:
    async def run(asker: Asker) -> None:
        await _made(asker)
        patched = await asker.ask("PATCH", f"{MAPS}/a", body, content_type=media)
        assert patched["data"] == data

    on_server(run)


def test_a_failed_test_of_a_json_patch_is_422_and_changes_nothing() -> None:
    async def run(asker: Asker) -> None:
        made = await _made(asker)
        body = b'[{"op":"test","path":"/data/k","value":"x"},{"op":"remove","path":"/data"}]'
        refused = await asker.ask("PATCH", f"{MAPS}/a", body, content_type="application/json-patch+json")
        assert refused["code"] == 422
        assert await asker.get(f"{MAPS}/a") == made

    on_server(run)


def test_unknown_fields_warn_or_are_refused() -> None:
    async def run(asker: Asker) -> None:
        body = b'{"metadata":{"name":"a"},"dta":{}}'
        warned = await asker.answer("POST", MAPS, body)
        assert (warned.code, warned.warnings) == (201, ('unknown field "dta"',))
        strict = await asker.post(f"{MAPS}?fieldValidation=Strict", body.replace(b'"a"', b'"b"'))
        assert strict["code"] == 400
        assert 'strict decoding error: unknown field "dta"' in strict["message"]

    on_server(run)


def test_status_and_spec_are_apart() -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(PODS, pod("p"))
        moved = await asker.merge(f"{PODS}/p/status", {"status": {"phase": "Running"}, "spec": {"priority": 7}})
        assert moved["status"]["phase"] == "Running"
        assert moved["spec"] == made["spec"]
        kept = await asker.merge(f"{PODS}/p", {"status": {"phase": "Failed"}, "metadata": {"labels": {"a": "b"}}})
        assert kept["status"]["phase"] == "Running"
        assert kept["metadata"]["labels"] == {"a": "b"}

    on_server(run)


def test_scale_changes_replicas_and_generation() -> None:
    async def run(asker: Asker) -> None:
        sets = "/apis/apps/v1/namespaces/default/statefulsets"
        labels = {"app": "x"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
        spec = {"serviceName": "s", "replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        await asker.post(sets, {"metadata": {"name": "x"}, "spec": spec})
        scale = await asker.get(f"{sets}/x/scale")
        assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 0, "selector": "app=x"})
        scale = {**scale, "spec": {"replicas": 3}}
        assert (await asker.put(f"{sets}/x/scale", scale))["spec"] == {"replicas": 3}
        now = await asker.get(f"{sets}/x")
        assert (now["spec"]["replicas"], now["metadata"]["generation"]) == (3, 2)
        assert (await asker.put(f"{sets}/x/scale", scale))["code"] == 409

    on_server(run)


def test_concurrent_patches_all_land() -> None:
    async def run(asker: Asker) -> None:
        await _made(asker)
        changes = [asker.merge(f"{MAPS}/a", {"data": {f"k{n}": "v"}}) for n in range(4)]
        await asyncio.gather(*changes)
        assert set((await asker.get(f"{MAPS}/a"))["data"]) == {"k", "k0", "k1", "k2", "k3"}

    on_server(run)


def test_a_fault_of_ours_is_an_internal_error_not_a_crash() -> None:
    async def run(asker: Asker) -> None:
        await asker.core.services.store.close()
        refused = await asker.post(MAPS, {"metadata": {"name": "a"}})
        assert (refused["code"], refused["reason"]) == (503, "ServiceUnavailable")

    on_server(run)

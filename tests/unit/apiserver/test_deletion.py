"""What a deletion decides, and how objects go."""

import datetime

import pytest

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver.deletion import decide
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.options import DeleteOptions
from tests.fakes.apiserver import Asker, on_server, pod

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"


def _pod(node: str = "n", phase: str = "Running", grace: int = 30, **metadata: object) -> Document:
    spec = {"nodeName": node, "terminationGracePeriodSeconds": grace}
    return {"kind": "Pod", "metadata": {"name": "p", **metadata}, "spec": spec, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("document", "options", "grace", "remove"),
    [
        (_pod(), DeleteOptions(), 30, False),
        (_pod(), DeleteOptions(grace=5), 5, False),
        (_pod(), DeleteOptions(grace=0), 0, True),
        (_pod(grace=-3), DeleteOptions(), 1, False),
        (_pod(node=""), DeleteOptions(grace=30), 0, True),
        (_pod(phase="Succeeded"), DeleteOptions(), 0, True),
        (_pod(finalizers=["a/b"]), DeleteOptions(grace=0), 0, False),
    ],
)
def test_grace_of_pods(document: Document, options: DeleteOptions, grace: int, remove: bool) -> None:  # noqa: FBT001
    step = decide(STRATEGIES[scheme.PODS], document, options, NOW)
    assert step.marked is not None
    assert (step.marked["metadata"]["deletionGracePeriodSeconds"], step.remove) == (grace, remove)
    due = NOW + datetime.timedelta(seconds=grace)
    assert step.marked["metadata"]["deletionTimestamp"] == due.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_second_delete_only_shortens() -> None:
    going = _pod(deletionTimestamp="2026-01-01T00:00:30Z", deletionGracePeriodSeconds=30)
    strategy = STRATEGIES[scheme.PODS]
    assert decide(strategy, going, DeleteOptions(), NOW) == (None, False)
    assert decide(strategy, going, DeleteOptions(grace=60), NOW) == (None, False)
    shorter = decide(strategy, going, DeleteOptions(grace=10), NOW).marked
    assert shorter is not None
    assert shorter["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:10Z"


@pytest.mark.parametrize(
    ("present", "options", "finalizers"),
    [
        ([], DeleteOptions(policy="Foreground"), ["foregroundDeletion"]),
        ([], DeleteOptions(orphan=True), ["orphan"]),
        (["orphan", "a/b"], DeleteOptions(policy="Foreground"), ["a/b", "foregroundDeletion"]),
        (["a/b"], DeleteOptions(policy="Background"), ["a/b"]),
        (["foregroundDeletion", "a/b"], DeleteOptions(), ["a/b", "foregroundDeletion"]),
    ],
)
def test_propagation(present: list[str], options: DeleteOptions, finalizers: list[str]) -> None:
    document = {"kind": "ConfigMap", "metadata": {"name": "a", "finalizers": present, "generation": 2}}
    step = decide(STRATEGIES[scheme.CONFIGMAPS], document, options, NOW)
    assert step.marked is not None
    assert step.marked["metadata"]["finalizers"] == finalizers
    assert (step.marked["metadata"]["generation"], step.remove) == (3, False)


def test_finalizers_hold_and_the_last_one_lets_go() -> None:
    async def run(asker: Asker) -> None:
        await asker.post(MAPS, {"metadata": {"name": "a", "finalizers": ["example.com/f"]}})
        held = await asker.delete(f"{MAPS}/a")
        assert held["metadata"]["deletionTimestamp"]
        again = await asker.post(MAPS, {"metadata": {"name": "a"}})
        assert again["message"] == 'object is being deleted: configmaps "a" already exists'
        added = await asker.merge(f"{MAPS}/a", {"metadata": {"finalizers": ["example.com/f", "example.com/g"]}})
        assert added["code"] == 422
        assert (await asker.merge(f"{MAPS}/a", {"metadata": {"finalizers": None}}))["kind"] == "ConfigMap"
        assert (await asker.get(f"{MAPS}/a"))["code"] == 404

    on_server(run)


def test_preconditions() -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(MAPS, {"metadata": {"name": "a"}})
        wrong = await asker.delete(f"{MAPS}/a", {"preconditions": {"uid": "other"}})
        assert (wrong["code"], wrong["reason"]) == (409, "Conflict")
        gone = await asker.delete(f"{MAPS}/a", {"preconditions": {"uid": made["metadata"]["uid"]}})
        assert gone["status"] == "Success"
        assert gone["details"] == {"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]}

    on_server(run)


def test_a_bound_pod_waits_and_force_removes_it() -> None:
    async def run(asker: Asker) -> None:
        await asker.post(PODS, pod("p", nodeName="n"))
        assert (await asker.delete(f"{PODS}/p"))["metadata"]["deletionGracePeriodSeconds"] == 30
        assert (await asker.get(f"{PODS}/p"))["kind"] == "Pod"
        await asker.delete(f"{PODS}/p?gracePeriodSeconds=0")
        assert (await asker.get(f"{PODS}/p"))["code"] == 404

    on_server(run)


def test_a_namespace_goes_with_its_last_finalizer() -> None:
    async def run(asker: Asker) -> None:
        await asker.post("/api/v1/namespaces", {"metadata": {"name": "x"}})
        going = await asker.delete("/api/v1/namespaces/x")
        assert going["status"]["phase"] == "Terminating"
        refused = await asker.post("/api/v1/namespaces/x/configmaps", {"metadata": {"name": "a"}})
        assert (refused["code"], refused["details"]["causes"][0]["reason"]) == (403, "NamespaceTerminating")
        await asker.put("/api/v1/namespaces/x/finalize", {**going, "spec": {"finalizers": []}})
        assert (await asker.get("/api/v1/namespaces/x"))["code"] == 404

    on_server(run)


def test_deletecollection_takes_what_is_selected() -> None:
    async def run(asker: Asker) -> None:
        for name, tier in (("a", "1"), ("b", "2")):
            await asker.post(MAPS, {"metadata": {"name": name, "labels": {"tier": tier}}})
        answer = await asker.delete(f"{MAPS}?labelSelector=tier=1")
        assert [item["metadata"]["name"] for item in answer["items"]] == ["a"]
        left = await asker.get(MAPS)
        assert [item["metadata"]["name"] for item in left["items"]] == ["b"]

    on_server(run)

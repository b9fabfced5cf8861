"""Evictions: what a budget grants, what it refuses, in upstream's words, and what is left of it."""

import asyncio
from typing import Any

from moorage.api.refs import Document
from tests.fakes.apiserver import Asker, on_server, pod

PODS = "/api/v1/namespaces/default/pods"
BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
LABELS = {"app": "web"}
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."


async def _pod(asker: Asker, name: str, *, ready: bool = True, phase: str = "Running") -> Document:
    made = pod(name, nodeName="n")
    made["metadata"]["labels"] = LABELS
    await asker.post(PODS, made)
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return await asker.merge(f"{PODS}/{name}/status", {"status": {"phase": phase, "conditions": conditions}})


async def _budget(asker: Asker, status: Document, name: str = "b", **spec: Any) -> None:
    body = {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": LABELS}, "minAvailable": 1, **spec}}
    await asker.post(BUDGETS, body)
    await asker.merge(f"{BUDGETS}/{name}/status", {"status": {"observedGeneration": 1, **status}})


def _counts(allowed: int, healthy: int = 2, desired: int = 1) -> Document:
    return {"disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": 2}


async def _evict(asker: Asker, name: str, query: str = "", **options: Any) -> Document:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    return await asker.post(f"{PODS}/{name}/eviction{query}", {**body, "deleteOptions": options} if options else body)


def _told(answer: Document) -> tuple[int, str, list[str]]:
    causes = (answer.get("details") or {}).get("causes") or []
    return answer["code"], answer.get("message", ""), [cause["message"] for cause in causes]


async def _going(asker: Asker, name: str) -> bool:
    found = await asker.get(f"{PODS}/{name}")
    return found.get("code") == 404 or "deletionTimestamp" in found["metadata"]


def test_a_granted_eviction_is_spent_marked_and_carried_out() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker, "x")
        await _budget(asker, _counts(1))
        assert (await _evict(asker, "x"))["code"] == 201
        status = (await asker.get(f"{BUDGETS}/b"))["status"]
        assert status["disruptionsAllowed"] == 0
        assert list(status["disruptedPods"]) == ["x"]
        assert [(one["type"], one["status"], one["reason"]) for one in status["conditions"]] == [
            ("DisruptionAllowed", "False", "InsufficientPods")
        ]
        left = await asker.get(f"{PODS}/x")
        assert left["metadata"]["deletionGracePeriodSeconds"] == 30
        mark = next(one for one in left["status"]["conditions"] if one["type"] == "DisruptionTarget")
        assert (mark["status"], mark["reason"]) == ("True", "EvictionByEvictionAPI")
        assert mark["message"] == "Eviction API: evicting"

    on_server(run)


def test_what_is_not_allowed_changes_nothing() -> None:
    async def run(asker: Asker) -> None:
        before = await _pod(asker, "x")
        await _budget(asker, _counts(0, healthy=1))
        answer = await asker.answer("POST", f"{PODS}/x/eviction", {"metadata": {"name": "x"}})
        assert isinstance(answer.body, dict)
        assert _told(answer.body) == (
            429,
            REFUSED,
            ["The disruption budget b needs 1 healthy pods and has 1 currently"],
        )
        assert "Retry-After" not in answer.headers
        assert await asker.get(f"{PODS}/x") == before

    on_server(run)


def test_a_budget_not_yet_looked_at_says_when_to_ask_again() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker, "x")
        await _budget(asker, _counts(1))
        await asker.merge(f"{BUDGETS}/b", {"spec": {"minAvailable": 2}})
        answer = await asker.answer("POST", f"{PODS}/x/eviction", {"metadata": {"name": "x"}})
        assert isinstance(answer.body, dict)
        assert _told(answer.body)[2] == ["The disruption budget b is still being processed by the server."]
        assert answer.headers["Retry-After"] == "10"

    on_server(run)


def test_many_at_once_never_get_more_than_is_there() -> None:
    async def run(asker: Asker) -> None:
        names = [f"x{number}" for number in range(12)]
        for name in names:
            await _pod(asker, name)
        await _budget(asker, _counts(3))
        answers = await asyncio.gather(*(_evict(asker, name) for name in names))
        assert sorted(answer["code"] for answer in answers) == [201] * 3 + [429] * 9
        going = [name for name in names if await _going(asker, name)]
        assert sorted((await asker.get(f"{BUDGETS}/b"))["status"]["disruptedPods"]) == going

    on_server(run)


def test_dry_run_is_judged_and_leaves_all_as_it_was() -> None:
    async def run(asker: Asker) -> None:
        before = await _pod(asker, "x")
        await _budget(asker, _counts(1))
        budget = await asker.get(f"{BUDGETS}/b")
        assert (await _evict(asker, "x", "?dryRun=All"))["code"] == 201
        assert (await _evict(asker, "x", dryRun=["All"]))["code"] == 201
        assert await asker.get(f"{PODS}/x") == before
        assert await asker.get(f"{BUDGETS}/b") == budget
        await asker.merge(f"{BUDGETS}/b/status", {"status": {"disruptionsAllowed": 0}})
        assert (await _evict(asker, "x", "?dryRun=All"))["code"] == 429

    on_server(run)


def test_preconditions_are_obeyed() -> None:
    async def run(asker: Asker) -> None:
        before = await _pod(asker, "x")
        for wrong in ({"uid": "other"}, {"resourceVersion": "1"}):
            answer = await _evict(asker, "x", preconditions=wrong)
            assert answer["code"] == 409
            assert 'Operation cannot be fulfilled on Pod "x": the ' in answer["message"]
        assert await asker.get(f"{PODS}/x") == before
        right = {"uid": before["metadata"]["uid"], "resourceVersion": before["metadata"]["resourceVersion"]}
        assert (await _evict(asker, "x", preconditions=right))["code"] == 201
        assert await _going(asker, "x")

    on_server(run)


def test_pods_that_are_over_or_have_not_begun_need_no_budget() -> None:
    async def run(asker: Asker) -> None:
        await _budget(asker, _counts(0))
        for name, phase in (("a", "Succeeded"), ("b", "Failed"), ("c", "Pending")):
            await _pod(asker, name, ready=False, phase=phase)
            assert (await _evict(asker, name))["code"] == 201
            assert await _going(asker, name)
        assert "disruptedPods" not in (await asker.get(f"{BUDGETS}/b"))["status"]

    on_server(run)


def test_a_pod_that_is_not_ready_goes_where_enough_others_are() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker, "x", ready=False)
        await _pod(asker, "y", ready=False)
        await _budget(asker, _counts(0, healthy=1, desired=2))
        assert (await _evict(asker, "x"))["code"] == 429
        await asker.merge(f"{BUDGETS}/b/status", {"status": {"currentHealthy": 2}})
        assert (await _evict(asker, "x"))["code"] == 201
        await asker.merge(f"{BUDGETS}/b/status", {"status": {"currentHealthy": 1}})
        await asker.merge(f"{BUDGETS}/b", {"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}})
        assert (await _evict(asker, "y"))["code"] == 201

    on_server(run)


def test_two_budgets_are_one_too_many() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker, "x")
        await _budget(asker, _counts(1))
        await _budget(asker, _counts(1), name="c")
        answer = await _evict(asker, "x")
        assert answer["code"] == 500
        assert answer["message"] == (
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
        assert not await _going(asker, "x")

    on_server(run)


def test_too_many_evictions_on_the_way_stop_more() -> None:
    async def run(asker: Asker) -> None:
        await _pod(asker, "x")
        many = {f"p{number}": "2026-01-01T00:00:00Z" for number in range(2001)}
        await _budget(asker, {**_counts(1), "disruptedPods": many})
        answer = await _evict(asker, "x")
        assert answer["message"] == (
            'poddisruptionbudget.policy "b" is forbidden: '
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        )

    on_server(run)

"""A closed budget is explained by the pods that are missing, and is no stall."""

from tests.unit.why.cluster import container, explained, node, pod, thing, told

BROKEN = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), labels={"app": "a"})


def test_a_closed_budget_names_the_pod_that_is_missing_and_never_stalls() -> None:
    status = {"disruptionsAllowed": 0, "expectedPods": 2, "currentHealthy": 1, "desiredHealthy": 2}
    budget = thing("PodDisruptionBudget", "app", {"selector": {"matchLabels": {"app": "a"}}}, status=status)
    found = explained(budget, BROKEN, node())
    assert {gate["holds"] for gate in found["gates"]} == {"evict Pods"}
    assert found["state"] == "Progressing"
    assert [(one["gate"], one["evidence"]) for one in found["gates"]] == [
        ("ImagePullFailed", "container c: ImagePullBackOff, image app:1"),
        ("DisruptionBudget", "1 healthy, 2 wanted"),
    ]
    assert told({**budget, "status": {**status, "disruptionsAllowed": 1}}) == []

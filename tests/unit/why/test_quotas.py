"""A full quota says what is used up; a daemon set is explained as a replica set is."""

from tests.unit.why.cluster import container, explained, node, pod, thing, told


def test_a_full_quota_names_what_is_used_up_and_never_stalls() -> None:
    status = {"hard": {"pods": "2", "requests.cpu": "1"}, "used": {"pods": "2", "requests.cpu": "500m"}}
    quota = thing("ResourceQuota", "q", {"hard": status["hard"]}, status=status)
    found = explained(quota)
    assert found["state"] == "Held"
    assert [(one["gate"], one["evidence"]) for one in found["gates"]] == [("QuotaFull", "pods: 2/2")]
    assert found["gates"][0]["command"] == "kubectl edit quota q -n default"
    assert told({**quota, "status": {**status, "used": {"pods": "1"}}}) == []


def test_a_daemon_set_waits_for_its_pods() -> None:
    daemons = thing("DaemonSet", "agent", metadata={"generation": 2}, status={"observedGeneration": 1})
    owner = {"kind": "DaemonSet", "name": "agent", "uid": "uid-agent", "controller": True}
    broken = pod(container({"waiting": {"reason": "ImagePullBackOff"}}), ownerReferences=[owner])
    assert [one["gate"] for one in explained(daemons, broken, node())["gates"]] == ["ImagePullFailed", "NotObserved"]

"""Gates of pods that the simulated stalls (tests/sim/stalls.py) do not reach, and the words of those they do."""

from typing import Any

import pytest

from tests.unit.why.cluster import container, event, explained, node, pod, thing, told

WAITING = {"state": "waiting"}


def _waits(reason: str, message: str = "") -> dict[str, Any]:
    return container({"waiting": {"reason": reason, "message": message}})


@pytest.mark.parametrize(
    ("status", "gate", "evidence"),
    [
        (
            _waits("ErrImagePull", "pull access denied"),
            "ImagePullDenied",
            "container c: ErrImagePull, image app:1, pull access denied",
        ),
        (
            _waits("ErrImagePull", 'rpc error: code = NotFound desc = failed to resolve "app:1": app:1: not found'),
            "ImagePullFailed",
            "container c: ErrImagePull, image app:1, app:1: not found",
        ),
        (_waits("ImagePullBackOff"), "ImagePullFailed", "container c: ImagePullBackOff, image app:1"),
        (
            _waits("CreateContainerConfigError", "odd"),
            "ContainerConfigInvalid",
            "container c: CreateContainerConfigError, odd",
        ),
        (_waits("CreateContainerError", "no"), "ContainerCannotStart", "container c: CreateContainerError, no"),
        (
            container({"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": "2026-01-01T00:10:00Z"}}),
            "CrashLoop",
            "container c: exit code 2, restarts 2",
        ),
        (
            container({"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"exitCode": 1}}),
            "CrashLoop",
            "container c: CrashLoopBackOff, exit code 1, restarts 2",
        ),
        ({"phase": "Pending"}, "PodStarting", "phase Pending, starting"),
    ],
)
def test_containers(status: Any, gate: str, evidence: str) -> None:
    assert told(pod(status), node()) == [(gate, "Pod web-0", evidence)]


def test_a_ready_pod_waits_for_nothing() -> None:
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    assert explained(pod(ready), node())["state"] == "Settled"
    assert told(pod({"phase": "Succeeded"}), node()) == []


def test_the_nodes_own_words_are_told() -> None:
    subject = pod({"phase": "Pending"})
    assert told(subject, node(), event(subject, "FailedCreatePodSandBox", "no addresses left")) == [
        ("SandboxFailed", "Pod web-0", "no addresses left")
    ]
    assert told(subject, node(), event(subject, "FailedMount", "timed out"))[0][0] == "VolumeNotMounted"


def test_a_status_without_a_cause_is_completed_by_the_event() -> None:
    subject = pod(_waits("ImagePullBackOff", 'Back-off pulling image "app:1"'))
    failed = event(subject, "Failed", 'Failed to pull image "app:1": rpc error: code = Unknown desc = denied: no entry')
    later = {**event(subject, "Failed", "Error: ImagePullBackOff")}
    assert told(subject, node(), failed, later) == [
        (
            "ImagePullDenied",
            "Pod web-0",
            "container c: ImagePullBackOff, image app:1, denied: no entry",
        )
    ]


def test_the_newest_failure_of_the_right_containers_probe() -> None:
    spec = {"containers": [{"name": "c", "image": "a", "readinessProbe": {"httpGet": {"port": 80, "path": "/ok"}}}]}
    subject = pod({**container({"running": {"startedAt": "2026-01-01T00:00:00Z"}}), "phase": "Running"}, spec)
    other = event(subject, "Unhealthy", "Readiness probe failed: other", fieldPath="spec.containers{d}")
    own = event(subject, "Unhealthy", "Readiness probe failed: HTTP 503", fieldPath="spec.containers{c}")
    assert told(subject, node(), other, own) == [
        (
            "ReadinessProbeFailing",
            "Pod web-0",
            "container c: Readiness probe failed: HTTP 503, http-get :80/ok every 10s",
        )
    ]


def test_a_probe_that_fails_without_a_word() -> None:
    spec = {"containers": [{"name": "c", "image": "a", "readinessProbe": {"exec": {"command": ["false"]}}}]}
    subject = pod({**container({"running": {}}), "phase": "Running"}, spec)
    silent = event(subject, "Unhealthy", "Readiness probe failed: ", fieldPath="spec.containers{c}")
    assert told(subject, node(), silent)[0][2] == "container c: Readiness probe failed, exec false every 10s"


def test_a_readiness_gate() -> None:
    status = {"phase": "Running", "conditions": [{"type": "ContainersReady", "status": "True"}]}
    assert told(pod(status, {"readinessGates": [{"conditionType": "lb"}]}), node())[0][0] == "ReadinessGateClosed"


@pytest.mark.parametrize(
    ("spec", "message", "gate"),
    [
        ({}, "", "Unscheduled"),
        ({"schedulerName": "volcano"}, "", "SchedulerUnknown"),
        (
            {},
            "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 X.",
            "HostPortTaken",
        ),
        ({}, "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.", "AffinityUnmatched"),
        ({}, "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.", "TopologySpread"),
        ({}, "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable.", "ResourcesInsufficient"),
        # A pod of one node: what is said of the others is no reason.
        (
            {"nodeSelector": {"disk": "ssd"}},
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.",
            "ResourcesInsufficient",
        ),
        (
            {"nodeSelector": {"disk": "ssd"}},
            "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 didn't match Pod's node affinity/selector.",
            "NodeSelectorUnmatched",
        ),
        (
            {},
            "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
            "NodeNotReady",
        ),
        ({}, "something new", "NoPlace"),
        # The pod of a DaemonSet: what all nodes but its own say is no reason.
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n"]}]}
                            ]
                        }
                    }
                }
            },
            "0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity].",
            "ResourcesInsufficient",
        ),
    ],
)
def test_verdicts_of_the_scheduler(spec: Any, message: str, gate: str) -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    assert told(pod({"conditions": [condition]}, {"nodeName": "", **spec}), node())[0][0] == gate


def test_a_node_that_is_silent_or_gone() -> None:
    assert told(pod({"phase": "Running"}), node("Unknown"))[0][:2] == ("NodeNotReady", "Node n")
    assert told(pod({"phase": "Running"}))[0][:2] == ("NodeLost", "Node n")


def test_a_pod_that_is_ending() -> None:
    going = pod({"phase": "Running"}, deletionTimestamp="2026-01-01T00:59:00Z", deletionGracePeriodSeconds=30)
    assert told(going, node()) == [("PodTerminating", "Pod web-0", "being deleted, grace period 30 s, over for 60 s")]
    assert explained(going, node())["since"] == "2026-01-01T00:58:30Z"


def test_a_finalizer_is_to_blame_only_once_the_pod_had_its_time() -> None:
    kept = {"finalizers": ["example.com/keep"], "deletionGracePeriodSeconds": 30}
    asked = pod({"phase": "Running"}, deletionTimestamp="2026-01-01T01:00:10Z", **kept)
    assert told(asked, node())[0][0] == "PodTerminating"
    late = pod({"phase": "Running"}, deletionTimestamp="2026-01-01T00:59:00Z", **kept)
    assert told(late, node()) == [("FinalizerHolds", "Pod web-0", "finalizers: example.com/keep")]


def test_a_pod_that_has_failed() -> None:
    status = {**container({"terminated": {"exitCode": 1}}), "phase": "Failed", "reason": "Evicted"}
    assert told(pod(status), node()) == [("PodFinished", "Pod web-0", "Failed: Evicted: container c exit code 1")]


def test_an_optional_reference_may_be_missing() -> None:
    volumes = [{"name": "v", "configMap": {"name": "conf", "optional": True}}]
    assert told(pod({"phase": "Pending"}, {"volumes": volumes}), node())[0][0] == "PodStarting"
    volumes = [{"name": "v", "configMap": {"name": "conf"}}]
    assert told(pod({"phase": "Pending"}, {"volumes": volumes}), node())[0][:2] == (
        "ConfigMapMissing",
        "ConfigMap conf",
    )
    there = thing("ConfigMap", "conf")
    assert told(pod({"phase": "Pending"}, {"volumes": volumes}), node(), there)[0][0] == "PodStarting"

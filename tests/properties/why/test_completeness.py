"""Whatever state objects are in, an explanation is made, says something of all that is not ready, and its texts are whole.

In: random pods, claims and Services, statuses with holes. Out: no error, no silence, no blanks left open.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.refs import Document
from moorage.why import explain
from moorage.why.picture import Picture, no_plans
from moorage.why.table import GATES
from tests.unit.why.cluster import NOW, THEN, Documents, event, node, thing

REASONS = (
    "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError",
    "CreateContainerError", "RunContainerError", "CrashLoopBackOff", "ContainerCreating", "PodInitializing", "Odd",
)  # fmt: skip
MESSAGES = (
    "", "odd {braces}", 'configmap "conf" not found', 'secret "pass" not found', "couldn't find key a in ConfigMap x/y",
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}. preemption: none.",
    "0/1 nodes are available: 1 node(s) had volume node affinity conflict.", "no nodes available to schedule pods",
    "0/1 nodes are available: 1 node(s) were unschedulable.", "401 Unauthorized",
)  # fmt: skip
_times = st.sampled_from((THEN, "2026-01-01T00:59:59Z", "2026-01-01T01:10:00Z"))
_text = st.sampled_from(MESSAGES)
_terminated = st.fixed_dictionaries(
    {"exitCode": st.sampled_from((0, 1, 137))},
    optional={"reason": st.sampled_from(("Error", "OOMKilled", "StartError")), "message": _text, "finishedAt": _times},
)
_state = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"waiting": st.fixed_dictionaries({}, optional={"reason": st.sampled_from(REASONS), "message": _text})}
    ),
    st.fixed_dictionaries({"running": st.fixed_dictionaries({}, optional={"startedAt": _times})}),
    st.fixed_dictionaries({"terminated": _terminated}),
)
_last = st.one_of(st.just({}), st.fixed_dictionaries({"terminated": _terminated}))
_container = st.fixed_dictionaries(
    {"name": st.sampled_from(("c", "i"))},
    optional={"state": _state, "lastState": _last, "ready": st.booleans(), "started": st.booleans()},
)
_condition = st.fixed_dictionaries(
    {
        "type": st.sampled_from(("Ready", "PodScheduled", "ContainersReady")),
        "status": st.sampled_from(("True", "False", "Unknown")),
    },
    optional={"reason": st.just("R"), "message": _text, "lastTransitionTime": _times},
)
_status = st.fixed_dictionaries(
    {},
    optional={
        "phase": st.sampled_from(("Pending", "Running", "Failed", "Succeeded", "Unknown")),
        "conditions": st.lists(_condition, max_size=3, unique_by=lambda one: one["type"]),
        "containerStatuses": st.lists(_container, max_size=2),
        "initContainerStatuses": st.lists(_container, max_size=1),
    },
)
_probe = st.sampled_from(
    ({}, {"exec": {}}, {"httpGet": {"port": "web"}}, {"tcpSocket": {"port": 1}}, {"grpc": {"port": 2}})
)
_volumes = st.lists(
    st.sampled_from(
        (
            {"name": "a", "configMap": {"name": "conf"}},
            {"name": "b", "secret": {"secretName": "pass", "optional": True}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "e", "emptyDir": {}},
        )
    ),
    max_size=2,
)
_spec = st.fixed_dictionaries(
    {
        "containers": st.builds(lambda probe: [{"name": "c", "image": "a", "readinessProbe": probe}], _probe),
        "volumes": _volumes,
    },
    optional={
        "nodeName": st.sampled_from(("n", "gone")),
        "initContainers": st.just([{"name": "i", "image": "a"}]),
        "schedulingGates": st.just([{"name": "g"}]),
        "schedulerName": st.sampled_from(("default-scheduler", "other")),
        "nodeSelector": st.just({"disk": "ssd"}),
        "readinessGates": st.just([{"conditionType": "lb"}]),
    },
)
_deleted = st.fixed_dictionaries(
    {"deletionTimestamp": _times},
    optional={"finalizers": st.just(["f"]), "deletionGracePeriodSeconds": st.sampled_from((0, 30))},
)
_owned = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "uid": "uid-web", "controller": True}]}
_metadata = st.builds(
    lambda deleted, owner: {**deleted, **owner}, st.just({}) | _deleted, st.sampled_from(({}, _owned))
)
_pods = st.builds(
    lambda spec, status, metadata: thing(
        "Pod", "web-0", spec, status=status, metadata={"labels": {"a": "b"}, **metadata}
    ),
    _spec,
    _status,
    _metadata,
)
_claims = st.builds(
    lambda spec, status, metadata: thing("PersistentVolumeClaim", "data", spec, status=status, metadata=metadata),
    st.fixed_dictionaries(
        {}, optional={"storageClassName": st.sampled_from(("", "fast", "none")), "volumeName": st.just("v")}
    ),
    st.sampled_from(({}, {"phase": "Pending"}, {"phase": "Bound"}, {"phase": "Lost"})),
    st.just({}) | _deleted,
)
_others = st.lists(
    st.sampled_from(
        (
            node(),
            node("Unknown"),
            node(unschedulable=True, taints=[{"key": "a"}]),
            thing("ConfigMap", "conf"),
            thing("StorageClass", "fast", provisioner="p", volumeBindingMode="WaitForFirstConsumer"),
            thing("PersistentVolume", "v", {"claimRef": {"name": "x", "namespace": "y"}}),
            event(thing("Pod", "web-0"), "Unhealthy", "Readiness probe failed: {}", fieldPath="spec.containers{c}"),
            event(thing("Pod", "web-0"), "Unhealthy", "Liveness probe failed"),
            event(thing("Pod", "web-0"), "Failed", "denied"),
            event(thing("PersistentVolumeClaim", "data"), "ProvisioningFailed", "no {space}"),
        )
    ),
    max_size=4,
)
_SERVICE = thing("Service", "web", {"selector": {"a": "b"}, "ports": [{"port": 1, "targetPort": "x"}]})
_SET = thing("StatefulSet", "web", {"replicas": 1, "serviceName": "web"}, status={"observedGeneration": 1})
_RESOURCES = {one.kind: one for one in explain.EXPLAINED}


def _ready(pod: Document) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _explanations(*documents: Document) -> dict[str, Document]:
    picture = Picture(Documents(documents), no_plans, NOW)
    chosen = [one for one in documents if one["kind"] in _RESOURCES]
    return {one["kind"]: explain.explain(_RESOURCES[one["kind"]], one, picture) for one in chosen}


@settings(max_examples=400, deadline=None)
@given(pod=_pods, claim=_claims, others=_others)
def test_all_that_is_not_ready_is_explained(pod: Document, claim: Document, others: list[Any]) -> None:
    found = _explanations(pod, claim, _SERVICE, _SET, *others)
    phase = (pod.get("status") or {}).get("phase")
    over = phase == "Succeeded" or (phase != "Failed" and _ready(pod))
    deleting = "deletionTimestamp" in pod["metadata"]
    assert bool(found["Pod"]["gates"]) == (deleting or not over)
    bound = claim.get("status", {}).get("phase") == "Bound" and "deletionTimestamp" not in claim["metadata"]
    if bound:
        assert found["PersistentVolumeClaim"]["gates"] == []
    for explanation in found.values():
        for gate in explanation["gates"]:
            assert gate["gate"] in GATES
            assert gate["evidence"]
            assert gate["culprit"]["name"]

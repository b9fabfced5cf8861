"""The commonest stalls of StatefulSets (fact sheet users-and-peers.md A): how to cause each, and what must be said of it.

In: nothing. Out: `STALLS`. Each is caused in a simulated cluster with real node agents on made-up containers.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.base.ports import Clock
from moorage.client.api import Api
from moorage.client.requests import PatchBody

Act = Callable[[Api, Clock], Awaitable[Any]]
WEB0 = ObjectKey("default", "web-0")


@dataclass(frozen=True)
class Stall:
    """One stall.

    Args:
        name: what went wrong.
        gate: the gate that must be told first, of the subject.
        culprit: kind and name.
        objects: applied at the start, in order.
        subject: what is asked about; kind and name.
        first: done before them, once the nodes have registered.
        act: done once the objects have settled; the time counts from there (else from their creation).
        quiet: seconds the objects get to settle before `act`.
        nodes: how many nodes there are.
        silent: seconds before `act` at which every node falls silent, 0 for never.
        command: part of the command that must be proposed.
    """

    name: str
    gate: str
    culprit: str
    objects: tuple[Document, ...]
    subject: str = "statefulset.web"
    first: Act | None = None
    act: Act | None = None
    quiet: float = 10.0
    nodes: int = 1
    silent: float = 0.0
    command: str = ""


def stateful_set(
    spec: Mapping[str, Any] | None = None, pod: Mapping[str, Any] | None = None, **container: Any
) -> Document:
    """Return set `web` of two pods.

    Args:
        spec: of the set, besides the usual.
        pod: of its pods, besides the container.
        container: of the only container, besides name and image; `annotations` are the pod's.
    """
    annotations = container.pop("annotations", {})
    made = {"name": "c", "image": "app:1", **container}
    template = {
        "metadata": {"labels": {"app": "web"}, "annotations": annotations},
        "spec": {"containers": [made], **(pod or {})},
    }
    usual = {"replicas": 2, "serviceName": "web", "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web"},
        "spec": {**usual, **(spec or {})},
    }


def service(selector: Mapping[str, str], target: str | int = 80) -> Document:
    """Return headless Service `web`."""
    spec = {"clusterIP": "None", "selector": dict(selector), "ports": [{"port": 80, "targetPort": target}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}


def claims(storage_class: str | None = None) -> Mapping[str, Any]:
    """Return the part of a set's spec that gives each pod a claim."""
    wanted: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    if storage_class is not None:
        wanted["storageClassName"] = storage_class
    return {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": wanted}]}


def storage(name: str, provisioner: str) -> Document:
    """Return a StorageClass that binds at once."""
    head = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    return {**head, "provisioner": provisioner, "volumeBindingMode": "Immediate"}


def change(resource: Any, name: str, body: Document) -> Act:
    """Return a merge patch of an object."""
    key = ObjectKey("default" if resource.namespaced else "", name)
    return lambda api, _clock: api.patch(resource, key, PatchBody(body))


def delete(resource: Any, name: str) -> Act:
    """Return the deletion of an object."""
    key = ObjectKey("default" if resource.namespaced else "", name)
    return lambda api, _clock: api.delete(resource, key)


async def _cordon_and_delete(api: Api, _clock: Clock) -> None:
    pod = await api.get(scheme.PODS, WEB0)
    await api.patch(scheme.NODES, ObjectKey("", pod["spec"]["nodeName"]), PatchBody({"spec": {"unschedulable": True}}))
    await api.delete(scheme.PODS, WEB0)


async def _hold_and_delete(api: Api, _clock: Clock) -> None:
    await api.patch(scheme.PODS, WEB0, PatchBody({"metadata": {"finalizers": ["example.com/keep"]}}))
    await api.delete(scheme.PODS, WEB0)


async def _break_and_mend(api: Api, clock: Clock) -> None:
    """Roll a broken image out; correct it once the first pod waits for it."""
    key = ObjectKey("default", "web")
    await api.patch(scheme.STATEFULSETS, key, PatchBody(_template(image="app:missing")))
    await _until(api, clock, ObjectKey("default", "web-1"), "app:missing")
    await api.patch(scheme.STATEFULSETS, key, PatchBody(_template(image="app:3")))


async def _until(api: Api, clock: Clock, key: ObjectKey, image: str) -> None:
    while True:
        pod = await api.find(scheme.PODS, key)
        if pod and pod["spec"]["containers"][0]["image"] == image and pod["spec"].get("nodeName"):
            return
        await clock.sleep(0.1)


async def _nothing(_api: Api, _clock: Clock) -> None:
    """The stall is there once the objects have settled."""


def _lonely() -> Document:
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": "nope"}}
    spec = {"containers": [{"name": "c", "image": "app:1"}], "volumes": [volume]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lonely"}, "spec": spec}


def _template(**container: Any) -> Document:
    return {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "app:1", **container}]}}}}


_TAINT = {"spec": {"taints": [{"key": "dedicated", "value": "db", "effect": "NoSchedule"}]}}
_APART = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
_FAILING = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
_SLOW_INIT = {"name": "i", "image": "app:1", "command": ["sleep", "3600"]}
_FOREIGN = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "labels": {"app": "other"}},
    "spec": {"containers": [{"name": "c", "image": "app:1"}]},
}  # fmt: skip


def _env(kind: str, name: str, key: str) -> list[Document]:
    return [{"name": "A", "valueFrom": {kind: {"name": name, "key": key}}}]


def _marks(**values: str) -> dict[str, str]:
    return {f"sim.moorage.dev/{name.replace('_', '-')}": value for name, value in values.items()}


_CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"b": "1"}}
_SECRET_VOLUME = {"volumes": [{"name": "s", "secret": {"secretName": "pass"}}]}
_ROLLING = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
_SETS = scheme.STATEFULSETS

_QUOTA = {
    "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": {"pods": "1"}},
}  # fmt: skip

STALLS: tuple[Stall, ...] = (
    Stall(
        "the quota is used up",
        "QuotaExceeded",
        "ResourceQuota small",
        (_QUOTA, service({"app": "web"}), stateful_set()),
    ),
    Stall(
        "the account does not exist",
        "ServiceAccountMissing",
        "ServiceAccount nobody",
        (stateful_set(pod={"serviceAccountName": "nobody"}),),
        command="kubectl create serviceaccount nobody",
    ),
    Stall(
        "the image does not exist",
        "ImagePullFailed",
        "Pod web-0",
        (stateful_set(image="app:missing"),),
        command="set image sts/web c=",
    ),
    Stall("the image has no valid name", "ImageNameInvalid", "Pod web-0", (stateful_set(image="App:1"),)),
    Stall("the image may not be pulled", "ImageNotPresent", "Pod web-0", (stateful_set(imagePullPolicy="Never"),)),
    Stall(
        "a ConfigMap is missing",
        "ConfigMapMissing",
        "ConfigMap conf",
        (stateful_set(env=_env("configMapKeyRef", "conf", "a")),),
        command="create configmap conf",
    ),
    Stall(
        "a key is missing",
        "KeyMissing",
        "ConfigMap conf",
        (_CONFIG, stateful_set(env=_env("configMapKeyRef", "conf", "a"))),
    ),
    Stall("a Secret to mount is missing", "SecretMissing", "Secret pass", (stateful_set(pod=_SECRET_VOLUME),)),
    Stall(
        "the container crashes",
        "CrashLoop",
        "Pod web-0",
        (stateful_set(annotations=_marks(exit_after="0.1", exit_code="3")),),
        command="logs web-0 -n default -c c --previous",
    ),
    Stall(
        "the container needs more memory",
        "OutOfMemory",
        "Pod web-0",
        (stateful_set(annotations=_marks(exit_after="0.1", exit_code="137", exit_reason="OOMKilled")),),
    ),
    Stall(
        "the command does not exist",
        "ContainerCannotStart",
        "Pod web-0",
        (stateful_set(annotations=_marks(start_error="exec: no such file")),),
    ),
    Stall("the readiness probe fails", "ReadinessProbeFailing", "Pod web-0", (stateful_set(readinessProbe=_FAILING),)),
    Stall(
        "the startup probe fails",
        "StartupProbeFailing",
        "Pod web-0",
        (stateful_set(startupProbe={**_FAILING, "failureThreshold": 60}),),
    ),
    Stall(
        "the liveness probe fails",
        "LivenessProbeFailing",
        "Pod web-0",
        (stateful_set(readinessProbe=_FAILING, livenessProbe={**_FAILING, "initialDelaySeconds": 0}),),
    ),
    Stall(
        "an init container does not end",
        "InitContainerRunning",
        "Pod web-0",
        (stateful_set(pod={"initContainers": [_SLOW_INIT]}),),
    ),
    Stall(
        "no node has enough",
        "ResourcesInsufficient",
        "Pod web-0",
        (stateful_set(resources={"requests": {"cpu": "99"}}),),
    ),
    Stall(
        "no node has the label",
        "NodeSelectorUnmatched",
        "Pod web-0",
        (stateful_set(pod={"nodeSelector": {"disk": "ssd"}}),),
        command="label node NODE disk=ssd",
    ),
    Stall(
        "the node is tainted",
        "TaintNotTolerated",
        "Node node-0",
        (stateful_set(),),
        first=change(scheme.NODES, "node-0", _TAINT),
        command="taint nodes node-0 dedicated-",
    ),
    Stall(
        "the node is cordoned",
        "NodeCordoned",
        "Node node-0",
        (stateful_set(),),
        first=change(scheme.NODES, "node-0", {"spec": {"unschedulable": True}}),
        command="uncordon node-0",
    ),
    Stall("there is no node", "NoNodes", "Pod web-0", (stateful_set(),), nodes=0),
    Stall(
        "pods keep apart, nodes are few",
        "AntiAffinity",
        "Pod web-1",
        (
            stateful_set(
                pod={"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [_APART]}}}
            ),
            service({"app": "web"}),
        ),
    ),
    Stall("the StorageClass is missing", "StorageClassMissing", "StorageClass fast", (stateful_set(claims("fast")),)),
    Stall(
        "no StorageClass is the default",
        "StorageClassUnset",
        "PersistentVolumeClaim data-web-0",
        (stateful_set(claims()),),
        first=delete(scheme.STORAGECLASSES, "local"),
    ),
    Stall(
        "no volume suits",
        "NoMatchingVolume",
        "PersistentVolumeClaim data-web-0",
        (storage("manual", "kubernetes.io/no-provisioner"), stateful_set(claims("manual"))),
    ),
    Stall(
        "nobody provisions",
        "ProvisionerSilent",
        "PersistentVolumeClaim data-web-0",
        (storage("cloud", "example.com/disk"), stateful_set(claims("cloud"))),
        subject="persistentvolumeclaim.data-web-0",
    ),
    Stall(
        "the volume is on a node that takes no pods",
        "VolumeElsewhere",
        "PersistentVolume",
        (stateful_set(claims()),),
        act=_cordon_and_delete,
        nodes=2,
        command="kubectl uncordon node-",
    ),
    Stall(
        "a claim is deleted while in use",
        "ClaimTerminating",
        "PersistentVolumeClaim data-web-0",
        (stateful_set(claims()),),
        act=delete(scheme.PERSISTENTVOLUMECLAIMS, "data-web-0"),
        subject="persistentvolumeclaim.data-web-0",
        command="delete pod web-0",
    ),
    Stall("a claim is gone for good", "ClaimMissing", "PersistentVolumeClaim nope", (_lonely(),), subject="pod.lonely"),
    Stall(
        "the node is lost while a pod ends",
        "NodeLost",
        "Node node-0",
        (stateful_set(),),
        act=delete(scheme.PODS, "web-0"),
        silent=120.0,
        command="--force",
    ),
    Stall(
        "a finalizer keeps a pod",
        "FinalizerHolds",
        "Pod web-0",
        (stateful_set(pod={"terminationGracePeriodSeconds": 1}),),
        act=_hold_and_delete,
    ),
    Stall(
        "somebody else has the name", "NameTaken", "Pod web-0", (_FOREIGN, stateful_set()), command="delete pod web-0"
    ),
    Stall(
        "a bad rollout was corrected, its pod stays",
        "ImagePullFailed",
        "Pod web-1",
        (service({"app": "web"}), stateful_set()),
        act=_break_and_mend,
        command="delete pod web-1",
    ),
    Stall(
        "the partition holds",
        "PartitionHolds",
        "StatefulSet web",
        (service({"app": "web"}), stateful_set({**_ROLLING, "replicas": 1})),
        act=change(_SETS, "web", _template(image="app:2")),
        command="kubectl patch sts web",
    ),
    Stall(
        "updates wait for a hand",
        "OnDelete",
        "StatefulSet web",
        (service({"app": "web"}), stateful_set({"updateStrategy": {"type": "OnDelete"}})),
        act=change(_SETS, "web", _template(image="app:2")),
        command="delete pod web-1",
    ),
    Stall(
        "pods ripen", "MinReadySeconds", "Pod web-0", (service({"app": "web"}), stateful_set({"minReadySeconds": 60}))
    ),
    Stall(
        "scheduling is gated",
        "SchedulingGated",
        "Pod web-0",
        (service({"app": "web"}), stateful_set(pod={"schedulingGates": [{"name": "example.com/quota"}]})),
    ),
    Stall(
        "an annotation makes no sense",
        "OptionInvalid",
        "StatefulSet web",
        (service({"app": "web"}), stateful_set()),
        act=change(_SETS, "web", {"metadata": {"annotations": {"moorage.dev/auto-revert-after": "soon"}}}),
    ),
    Stall("the Service of the set is missing", "ServiceMissing", "Service web", (stateful_set(),), act=_nothing),
    Stall(
        "the Service selects nobody",
        "NoPodsSelected",
        "Service web",
        (service({"app": "wbe"}), stateful_set()),
        subject="service.web",
    ),
    Stall(
        "the Service names no port",
        "PortNameUnknown",
        "Service web",
        (service({"app": "web"}, "http"), stateful_set()),
        subject="service.web",
        act=_nothing,
    ),
)

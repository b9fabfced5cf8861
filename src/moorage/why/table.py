"""Every gate, one row each: who opens it, how, and with which command. The one place to add a gate.

In: nothing. Out: `GATES` by name. docs/gates.md lists the same names (a test compares them).
Texts have blanks: `{kind}`, `{namespace}`, `{name}` of the culprit, and words of the finding.
"""

import enum
from collections.abc import Mapping
from typing import NamedTuple


class Opener(enum.Enum):
    """What opens a gate.

    ITSELF: time, the cluster's parts or the application; after the progress deadline it counts as stalled.
    PERSON: nothing opens it until somebody acts.
    CHOICE: it is closed because the object asks for that.
    """

    ITSELF = "Itself"
    PERSON = "Person"
    CHOICE = "Choice"


class Row(NamedTuple):
    """What is true of every gate of one name."""

    opener: Opener
    opens: str = ""
    command: str = ""


_ITSELF, _PERSON, _CHOICE = Opener.ITSELF, Opener.PERSON, Opener.CHOICE
UNKNOWN = Row(_ITSELF)
"""A gate of a controller that has no row: it opens by itself, or counts as stalled after the deadline."""

_DESCRIBE_POD = "kubectl describe pod {name} -n {namespace}"
_DESCRIBE_CLAIM = "kubectl describe pvc {name} -n {namespace}"
_LOGS = "kubectl logs {name} -n {namespace} -c {container}"
_EDIT = "kubectl edit {owner} -n {namespace}"
_NODES = "kubectl get nodes"

SET_GATES: Mapping[str, Row] = {
    # The controller of StatefulSets itself says what opens them, and the command.
    "CanaryHolds": Row(_CHOICE),
    "ClaimFixedSize": Row(_PERSON, "its StorageClass lets volumes grow", _DESCRIBE_CLAIM),
    "ClaimGrowing": Row(_ITSELF, "its provisioner reports the new capacity"),
    "ClaimGrowthFailed": Row(_PERSON, "what its resizer reports is mended, or less is asked for", _DESCRIBE_CLAIM),
    "ClaimStale": Row(_ITSELF),
    "ClaimTerminating": Row(_ITSELF, "claim {name} gone", _DESCRIBE_CLAIM),
    "CondemnedUnhealthy": Row(_ITSELF),
    "DisruptionBudget": Row(_CHOICE),
    "Hibernating": Row(_CHOICE),
    "MaxUnavailableReached": Row(_ITSELF),
    "MinReadySeconds": Row(_ITSELF),
    "NameTaken": Row(_PERSON),
    "OnDelete": Row(_CHOICE),
    "OptionInvalid": Row(_PERSON),
    "PartitionHolds": Row(_CHOICE),
    "PodFinished": Row(_ITSELF, "a new pod, or a corrected one", "kubectl logs {name} -n {namespace}"),
    "PodPending": Row(_ITSELF),
    "PodStarting": Row(_ITSELF, "Pod {name} ready"),
    "PodTerminating": Row(_ITSELF, "Pod {name} stopped"),
    "PredecessorNotReady": Row(_ITSELF),
    "PreRemovalHook": Row(_ITSELF),
    "RolloutPaused": Row(_CHOICE),
    "SetDeleting": Row(_ITSELF),
    "UpdateOrder": Row(_ITSELF),
    # What `why` adds from the objects.
    "NotObserved": Row(_ITSELF, "a controller that runs: moor status"),
    "PodMissing": Row(_ITSELF, "the controller creates Pod {name}"),
    "ServiceMissing": Row(
        _CHOICE,
        "a headless Service {name} that selects the pods",
        "kubectl create service clusterip {name} --clusterip=None -n {namespace}"
        " && kubectl set selector svc {name} {selector} -n {namespace}",
    ),
    "QuotaExceeded": Row(_PERSON, "room in the quota, or a larger one", "kubectl describe quota {name} -n {namespace}"),
    "ServiceAccountMissing": Row(
        _PERSON, "the ServiceAccount exists", "kubectl create serviceaccount {name} -n {namespace}"
    ),
    "WriteRefused": Row(_ITSELF, "the API accepts the write", "kubectl describe {resource} {name} -n {namespace}"),
}
"""Gates of a StatefulSet."""

POD_GATES: Mapping[str, Row] = {
    "AffinityUnmatched": Row(_PERSON, "a node with the pods it wants to be near, or a looser podAffinity", _EDIT),
    "AntiAffinity": Row(_PERSON, "a node without the pods it keeps away from, or a looser podAntiAffinity", _EDIT),
    "ClaimMissing": Row(
        _PERSON, "a claim of that name; a StatefulSet makes it when the pod is created anew", "{recreate}"
    ),
    "ConfigMapMissing": Row(
        _PERSON, "the ConfigMap exists", "kubectl create configmap {name} -n {namespace} --from-literal=KEY=VALUE"
    ),
    "ContainerCannotStart": Row(_PERSON, "a command that the image has", _EDIT),
    "ContainerConfigInvalid": Row(_PERSON, "a pod template that fits its ConfigMaps and Secrets", _EDIT),
    "CrashLoop": Row(_ITSELF, "the container stays up", f"{_LOGS} --previous"),
    "FinalizerHolds": Row(_PERSON, "whoever set the finalizer removes it", "kubectl edit pod {name} -n {namespace}"),
    "HostPortTaken": Row(_PERSON, "a node whose port is free, or another hostPort", _EDIT),
    "ImageNameInvalid": Row(_PERSON, "a valid image name", "{setimage}"),
    "ImageNotPresent": Row(_PERSON, "the image is on the node, or imagePullPolicy IfNotPresent", _EDIT),
    "ImagePullDenied": Row(
        _PERSON, "credentials for the registry in imagePullSecrets, or an image that may be read", _EDIT
    ),
    "ImagePullFailed": Row(_PERSON, "an image that can be pulled", "{setimage}"),
    "InitContainerRunning": Row(_ITSELF, "init container {container} ends", _LOGS),
    "KeyMissing": Row(_PERSON, "the key exists", "kubectl edit {kind} {name} -n {namespace}"),
    "LivenessProbeFailing": Row(_ITSELF, "the probe passes", f"{_LOGS} --previous"),
    "NoNodes": Row(_PERSON, "a node joins the cluster", _NODES),
    "NodeCordoned": Row(_PERSON, "the node takes pods again", "kubectl uncordon {name}"),
    "NodeLost": Row(_PERSON, "the node reports again; if that machine is surely off, force it", "{force}"),
    "NodeNotReady": Row(_ITSELF, "the node reports ready", "kubectl describe node {name}"),
    "NodeSelectorUnmatched": Row(
        _PERSON, "a node with the labels the pod asks for", "kubectl label node NODE {wanted}"
    ),
    "NoPlace": Row(_PERSON, "a node that suits the pod", _DESCRIBE_POD),
    "OutOfMemory": Row(_PERSON, "a larger memory limit, or a container that needs less", _EDIT),
    "ReadinessGateClosed": Row(_ITSELF, "condition {condition} of the pod is True", _DESCRIBE_POD),
    "ReadinessProbeFailing": Row(_ITSELF, "the probe passes", _LOGS),
    "ResourcesInsufficient": Row(_PERSON, "room on a node, or smaller requests", _EDIT),
    "SandboxFailed": Row(_ITSELF, "the node can set up the pod", _DESCRIBE_POD),
    "SchedulerUnknown": Row(_PERSON, "a scheduler {scheduler} runs, or schedulerName default-scheduler", _EDIT),
    "SchedulingGated": Row(_CHOICE, "spec.schedulingGates is empty", "kubectl edit pod {name} -n {namespace}"),
    "SecretMissing": Row(
        _PERSON, "the Secret exists", "kubectl create secret generic {name} -n {namespace} --from-literal=KEY=VALUE"
    ),
    "StartupProbeFailing": Row(_ITSELF, "the probe passes", _LOGS),
    "TaintNotTolerated": Row(
        _PERSON, "the taint is gone, or the pod tolerates it", "kubectl taint nodes {name} {taint}-"
    ),
    "TopologySpread": Row(_PERSON, "room in the emptier domains, or a looser topologySpreadConstraint", _EDIT),
    "Unscheduled": Row(_ITSELF, "the scheduler looks at the pod"),
    "VolumeElsewhere": Row(
        _PERSON, "the volume's node takes pods again, or the claim is given up (its data is lost)", "{node_command}"
    ),
    "VolumeNotMounted": Row(_ITSELF, "the node can mount the volume", _DESCRIBE_POD),
}
"""Gates of a pod, found from the objects."""

CLAIM_GATES: Mapping[str, Row] = {
    "NoMatchingVolume": Row(
        _PERSON, "a PersistentVolume of class {class_name}, {size} or larger, with {modes}", "kubectl get pv"
    ),
    "NoPodUses": Row(_CHOICE, "a pod that uses it is scheduled (WaitForFirstConsumer)"),
    "ProvisionerSilent": Row(_ITSELF, "provisioner {provisioner} makes a volume"),
    "ProvisioningFailed": Row(_PERSON, "what the provisioner complains about is changed", _DESCRIBE_CLAIM),
    "StorageClassMissing": Row(_PERSON, "a StorageClass of that name, or a claim with another one", "kubectl get sc"),
    "StorageClassUnset": Row(
        _PERSON,
        "a default StorageClass, or a claim that names one",
        "kubectl annotate sc CLASS storageclass.kubernetes.io/is-default-class=true",
    ),
    "VolumeLost": Row(
        _PERSON, "the volume is restored, or the claim is given up", "kubectl delete pvc {claim} -n {namespace}"
    ),
    "VolumeTaken": Row(_PERSON, "another volume, or that claim is given up", "kubectl get pv {name} -o yaml"),
}
"""Gates of a claim, found from the objects."""

SERVICE_GATES: Mapping[str, Row] = {
    "EndpointsBehind": Row(_ITSELF, "the EndpointSlice controller catches up"),
    "NoPodsSelected": Row(_PERSON, "pods with the labels {selector}", "kubectl get pods -n {namespace} --show-labels"),
    "PortNameUnknown": Row(
        _PERSON, "a container port named {port}, or another targetPort", "kubectl edit service {name} -n {namespace}"
    ),
}
"""Gates of a Service, found from the objects."""

QUOTA_GATES: Mapping[str, Row] = {
    "QuotaFull": Row(_CHOICE, "something goes, or a larger quota", "kubectl edit quota {name} -n {namespace}"),
}
"""Gates of a ResourceQuota."""

GATES: Mapping[str, Row] = {**SET_GATES, **POD_GATES, **CLAIM_GATES, **SERVICE_GATES, **QUOTA_GATES}

"""What upstream's Go types say and no published schema does: which optional fields are always written.

In: nothing. Out: tables keyed by the last part of a definition's name; `api.schema` builds them into its type tables.
Measured on the recorded answers of a real server: a Go struct held by value is written even when empty (`resources:
{}`), a time held by value is written as null, a list without `omitempty` is written as null.
"""

from types import MappingProxyType

EMPTY_STRUCTS = MappingProxyType(
    {
        "Container": ("resources",),
        "EphemeralContainer": ("resources",),
        "PersistentVolumeClaimSpec": ("resources",),
        "DeploymentSpec": ("strategy",),
        "DaemonSetSpec": ("updateStrategy",),
        "StatefulSetSpec": ("updateStrategy",),
        "ServiceStatus": ("loadBalancer",),
        "IngressStatus": ("loadBalancer",),
        "Endpoint": ("conditions",),
        "ContainerStatus": ("state", "lastState"),
        "NodeStatus": ("daemonEndpoints", "nodeInfo"),
        "NodeDaemonEndpoints": ("kubeletEndpoint",),
        "CronJobSpec": ("jobTemplate",),
    }
)
"""Structs held by value, beyond `metadata`, `spec` and `status` of whole objects and templates."""


NULL_TIMES = MappingProxyType(
    {
        "PodCondition": ("lastProbeTime", "lastTransitionTime"),
        "NodeCondition": ("lastHeartbeatTime", "lastTransitionTime"),
        "PersistentVolumeClaimCondition": ("lastProbeTime", "lastTransitionTime"),
        "NamespaceCondition": ("lastTransitionTime",),
        "StatefulSetCondition": ("lastTransitionTime",),
        "ReplicaSetCondition": ("lastTransitionTime",),
        "ReplicationControllerCondition": ("lastTransitionTime",),
        "DaemonSetCondition": ("lastTransitionTime",),
        "DeploymentCondition": ("lastUpdateTime", "lastTransitionTime"),
        "JobCondition": ("lastProbeTime", "lastTransitionTime"),
        "Condition": ("lastTransitionTime",),
        "ContainerStateRunning": ("startedAt",),
        "ContainerStateTerminated": ("startedAt", "finishedAt"),
        "EventSeries": ("lastObservedTime",),
    }
)
"""Times held by value: null when unset."""

NULL_LISTS = MappingProxyType(
    {
        "EndpointSlice": ("endpoints", "ports"),
        "Role": ("rules",),
        "ClusterRole": ("rules",),
        "CSINodeDriver": ("topologyKeys",),
        "HorizontalPodAutoscalerStatus": ("currentMetrics",),
    }
)
"""Lists without `omitempty`: null when unset. Required lists that validation refuses when empty are left out."""

EVENT_FIELDS = MappingProxyType(
    {
        "eventTime": None,
        "firstTimestamp": None,
        "lastTimestamp": None,
        "reportingComponent": "",
        "reportingInstance": "",
    }
)
"""What a core/v1 Event always writes."""

ZERO_SCALARS = MappingProxyType({"StatefulSetStatus": ("availableReplicas",), "ResourceFieldSelector": ("divisor",)})
"""Optional scalars that are written even when zero."""

"""Which changes may open which rule's gate: a refused pod is tried again only for news that concern it.

In: changes of pods and nodes. Out: rule names, or nothing. Pure. Source: EventsToRegister of upstream's plugins.
"""

from moorage.api.views.cluster import Node
from moorage.api.views.pod import Pod

POD_GONE = frozenset(
    ("NodeResourcesFit", "NodePorts", "VolumeRestrictions", "VolumeBinding", "PodTopologySpread", "InterPodAffinity")
)
"""A pod left its node."""
POD_PLACED = frozenset(("InterPodAffinity", "PodTopologySpread"))
"""A pod is on a node, or its labels changed."""
VOLUMES = frozenset(("VolumeBinding", "VolumeRestrictions"))
"""A claim, volume or class changed."""


def node_matters(before: Node | None, after: Node) -> bool:
    """Return whether a node changed in what decisions read; heartbeats do not."""
    return before is None or _read(before) != _read(after)


def pod_matters(before: Pod, after: Pod) -> bool:
    """Return whether a pod changed in what decisions read; its status does not."""
    return (
        before.spec != after.spec
        or before.metadata.labels != after.metadata.labels
        or before.metadata.deleting != after.metadata.deleting
    )


def _read(node: Node) -> tuple[object, ...]:
    return node.spec, node.metadata.labels, node.status.allocatable

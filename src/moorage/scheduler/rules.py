"""The rules in force, in order.

In: `filters/*`, `scores/*`. Out: `FILTERS`, `SCORES`. A new rule is one file and one line here.
Order and weights: Kubernetes 1.32, pkg/scheduler/apis/config/v1/default_plugins.go.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from moorage.scheduler.filters import (
    hostports,
    nodeaffinity,
    nodename,
    podaffinity,
    resources,
    spread,
    taints,
    unschedulable,
    volumebinding,
    volumerestrictions,
)
from moorage.scheduler.scores import balanced, leastallocated
from moorage.scheduler.scores import nodeaffinity as preferred_nodes
from moorage.scheduler.scores import podaffinity as preferred_pods
from moorage.scheduler.scores import spread as evenly
from moorage.scheduler.scores import taints as soft_taints
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Filter


class FilterRule(NamedTuple):
    """One filter. `name` is upstream's name of the plugin; the first filter that rejects a node is the one reported."""

    name: str
    check: Filter


class ScoreRule(NamedTuple):
    """One score and its weight."""

    name: str
    weight: int
    score: Callable[[Snapshot, Sequence[NodeState]], list[float]]


FILTERS: tuple[FilterRule, ...] = (
    FilterRule("NodeUnschedulable", unschedulable.check),
    FilterRule("NodeName", nodename.check),
    FilterRule("TaintToleration", taints.check),
    FilterRule("NodeAffinity", nodeaffinity.check),
    FilterRule("NodePorts", hostports.check),
    FilterRule("NodeResourcesFit", resources.check),
    FilterRule("VolumeRestrictions", volumerestrictions.check),
    FilterRule("VolumeBinding", volumebinding.check),
    FilterRule("PodTopologySpread", spread.check),
    FilterRule("InterPodAffinity", podaffinity.check),
)
SCORES: tuple[ScoreRule, ...] = (
    ScoreRule("TaintToleration", 3, soft_taints.score),
    ScoreRule("NodeAffinity", 2, preferred_nodes.score),
    ScoreRule("PodTopologySpread", 2, evenly.score),
    ScoreRule("InterPodAffinity", 2, preferred_pods.score),
    ScoreRule("NodeResourcesFit", 1, leastallocated.score),
    ScoreRule("NodeResourcesBalancedAllocation", 1, balanced.score),
)

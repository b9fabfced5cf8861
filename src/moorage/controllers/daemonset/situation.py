"""A daemon set sorted by node: where pods should run, which there are, how many may be missing or too many.

In: `Snapshot`, the revision's hash, the instant. Out: `Situation`, which all phases read, and `Changes`, what they answer.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api.shares import scaled
from moorage.api.views.berth import PodBerth
from moorage.controllers.daemonset import nodes
from moorage.controllers.daemonset.nodes import NEITHER, Verdict
from moorage.controllers.daemonset.snapshot import Snapshot
from moorage.controllers.daemonset.template import node_of
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Emit

_FINISHED = frozenset(("Failed", "Succeeded"))


@dataclass(frozen=True, slots=True)
class Situation:
    """What every phase reads.

    Args:
        snapshot: all that is known.
        hash: what pods of the present template carry.
        verdicts: of each node, by name.
        pods: of each node that has some, the one that counts first; those that are finished and going are left out.
        now: the instant.
    """

    snapshot: Snapshot
    hash: str
    verdicts: Mapping[str, Verdict]
    pods: Mapping[str, tuple[Cached[Any], ...]]
    now: datetime.datetime

    @property
    def owner(self) -> Cached[Any]:
        """The daemon set."""
        return self.snapshot.owner

    @property
    def desired(self) -> int:
        """On how many nodes a pod should run."""
        return sum(verdict.runs for verdict in self.verdicts.values())

    @property
    def rolling(self) -> bool:
        """Whether outdated pods are replaced."""
        return bool(self.owner.view.spec.update_strategy.type == "RollingUpdate")

    @property
    def surge(self) -> int:
        """How many nodes may have two pods during an update; percentages are rounded up."""
        limit = self.owner.view.spec.update_strategy.rolling_update.max_surge
        return scaled(limit or 0, self.desired, up=True) if self.rolling else 0

    @property
    def unavailable(self) -> int:
        """How many nodes may be without an available pod during an update; where nothing else is allowed, 1."""
        limit = self.owner.view.spec.update_strategy.rolling_update.max_unavailable
        return scaled(limit or 0, self.desired, up=True) or (0 if self.surge else 1)

    def verdict(self, node: str) -> Verdict:
        """Return the verdict about a node; one that is gone fits nothing."""
        return self.verdicts.get(node, NEITHER)

    def updated(self, pod: Cached[Any]) -> bool:
        """Return whether a pod is of the present template."""
        return berth(pod).revision == self.hash

    def available(self, pod: Cached[Any]) -> bool:
        """Return whether a pod is ready, and has been for longer than minReadySeconds."""
        return berth(pod).ready and not self.ripens(pod)

    def ripens(self, pod: Cached[Any]) -> float | None:
        """Return in how many seconds a ready pod turns available; None where it is already, or is not ready."""
        least = self.owner.view.spec.min_ready_seconds
        if not least or not berth(pod).ready:
            return None
        since = berth(pod).ready_since
        left = (self.now.timestamp() if since is None else since) + least - self.now.timestamp()
        # The comparison is strict: a pod ripe this very instant is not available yet.
        return left + 0.001 if left >= 0 else None


@dataclass(frozen=True, slots=True)
class Changes:
    """What one phase wants.

    Args:
        create: nodes that get a pod.
        delete: pods that go.
        told: events beside those of the writes.
        wait: seconds until it may want more, None for never.
    """

    create: tuple[str, ...] = ()
    delete: tuple[Cached[Any], ...] = ()
    told: tuple[Emit, ...] = ()
    wait: float | None = None


def situate(snapshot: Snapshot, revision: str, now: datetime.datetime) -> Situation:
    """Sort a snapshot out."""
    wish = nodes.wish_of(snapshot.owner)
    verdicts = {node.key.name: wish.of(node.view) for node in snapshot.nodes}
    found: dict[str, list[Cached[Any]]] = {}
    for pod in sorted(snapshot.pods, key=_rank):
        node = node_of(pod.view)
        if node and not (berth(pod).deleting and berth(pod).phase in _FINISHED):
            found.setdefault(node, []).append(pod)
    return Situation(snapshot, revision, verdicts, {node: tuple(pods) for node, pods in found.items()}, now)


def berth(pod: Cached[Any]) -> PodBerth:
    """Return what the pod's view has worked out of it."""
    found: PodBerth = pod.view.berth
    return found


def _rank(pod: Cached[Any]) -> tuple[bool, float, str]:
    """Bound pods first, then the older, then by name."""
    made = pod.view.metadata.creation_timestamp
    return not pod.view.spec.node_name, made.timestamp() if made else 0.0, pod.key.name

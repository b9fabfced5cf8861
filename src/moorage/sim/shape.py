"""The shape of one run: how many nodes and managers, and what the StatefulSet looks like.

In: dice. Out: `Shape`, and the documents that follow from it. Pure. Next rooms: `scenario`, `workloads`.
"""

from dataclasses import dataclass
from typing import Any

from moorage.api.refs import Document
from moorage.sim.seeds import Dice

NAMESPACE, SET = "default", "web"
SILENCE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


@dataclass(frozen=True, slots=True)
class Shape:
    """One run's cluster and set."""

    nodes: tuple[str, ...]
    managers: int
    replicas: int
    parallel: bool
    on_delete: bool
    partition: int
    start: int
    min_ready: int
    volumes: bool
    retention: tuple[str, str]
    patience: int | None = None
    """Seconds that pods tolerate the silence of their node, None: as long as Kubernetes gives them (300)."""

    def document(self) -> Document:
        """Return the StatefulSet."""
        spec: dict[str, Any] = {
            "replicas": self.replicas,
            "serviceName": SET,
            "podManagementPolicy": "Parallel" if self.parallel else "OrderedReady",
            "minReadySeconds": self.min_ready,
            "selector": {"matchLabels": {"app": SET}},
            "template": {
                "metadata": {"labels": {"app": SET}},
                "spec": {
                    "tolerations": [] if self.patience is None else [_tolerates(key, self.patience) for key in SILENCE],
                    "terminationGracePeriodSeconds": 5,
                    "containers": [{"name": "c", "image": "v1"}],
                },
            },
            "updateStrategy": strategy(self.partition, on_delete=self.on_delete),
        }
        if self.start:
            spec["ordinals"] = {"start": self.start}
        if self.volumes:
            deleted, scaled = self.retention
            spec["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": deleted, "whenScaled": scaled}
            claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
            spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
        metadata = {"namespace": NAMESPACE, "name": SET}
        return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec}


def draw_shape(dice: Dice) -> Shape:
    """Return the shape that the dice give."""
    return Shape(
        nodes=tuple(f"node-{number}" for number in range(dice.randrange(1, 5))),
        managers=dice.choice((1, 1, 2)),
        replicas=dice.randrange(1, 5),
        parallel=dice.happens(0.3),
        on_delete=dice.happens(0.1),
        partition=dice.choice((0, 0, 0, 1, 2)),
        start=dice.choice((0, 0, 0, 2)),
        min_ready=dice.choice((0, 0, 5)),
        volumes=dice.happens(0.6),
        retention=(dice.choice(("Retain", "Delete")), dice.choice(("Retain", "Delete"))),
        patience=dice.choice((None, 5, 30)),
    )


def _tolerates(key: str, seconds: int) -> dict[str, Any]:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}


def strategy(partition: int, *, on_delete: bool) -> dict[str, Any]:
    """Return an update strategy."""
    if on_delete:
        return {"type": "OnDelete"}
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}

"""ReplicaSet and Deployment.

In: their documents. Out: `ReplicaSet`, `Deployment`. Pod templates and conditions stay documents: they are copied and
compared, never interpreted here.
"""

from msgspec import field

from moorage.api.views.meta import Json, Meta, View


class ReplicaSetSpec(View, frozen=True):
    """`spec`."""

    replicas: int = 1
    min_ready_seconds: int = 0
    selector: Json = field(default_factory=dict)
    template: Json = field(default_factory=dict)


class ReplicaSetStatus(View, frozen=True):
    """`status`."""

    replicas: int = 0
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    observed_generation: int = 0
    conditions: tuple[Json, ...] = ()


class ReplicaSet(View, frozen=True):
    """A ReplicaSet."""

    metadata: Meta = field(default_factory=Meta)
    spec: ReplicaSetSpec = field(default_factory=ReplicaSetSpec)
    status: ReplicaSetStatus = field(default_factory=ReplicaSetStatus)


class RollingUpdate(View, frozen=True):
    """`strategy.rollingUpdate`: numbers, or percentages of the replicas wanted."""

    max_surge: int | str = "25%"
    max_unavailable: int | str = "25%"


class DeploymentStrategy(View, frozen=True):
    """`spec.strategy`."""

    type: str = "RollingUpdate"
    rolling_update: RollingUpdate = field(default_factory=RollingUpdate)


class DeploymentSpec(View, frozen=True):
    """`spec`."""

    replicas: int = 1
    min_ready_seconds: int = 0
    paused: bool = False
    progress_deadline_seconds: int | None = None
    revision_history_limit: int | None = None
    selector: Json = field(default_factory=dict)
    strategy: DeploymentStrategy = field(default_factory=DeploymentStrategy)
    template: Json = field(default_factory=dict)


class DeploymentStatus(View, frozen=True):
    """`status`."""

    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    observed_generation: int = 0
    collision_count: int | None = None
    conditions: tuple[Json, ...] = ()


class Deployment(View, frozen=True):
    """A Deployment."""

    metadata: Meta = field(default_factory=Meta)
    spec: DeploymentSpec = field(default_factory=DeploymentSpec)
    status: DeploymentStatus = field(default_factory=DeploymentStatus)

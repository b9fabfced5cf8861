"""DaemonSet.

In: its documents. Out: `DaemonSet`. The pod template stays a document: it is copied and hashed.
"""

from msgspec import field

from moorage.api.views.meta import Json, Meta, View


class RollingUpdate(View, frozen=True):
    """`updateStrategy.rollingUpdate`: numbers, or percentages of the nodes that should run a pod."""

    max_unavailable: int | str | None = None
    max_surge: int | str | None = None


class UpdateStrategy(View, frozen=True):
    """`spec.updateStrategy`."""

    type: str = ""
    rolling_update: RollingUpdate = field(default_factory=RollingUpdate)


class DaemonSetSpec(View, frozen=True):
    """`spec`."""

    selector: Json = field(default_factory=dict)
    template: Json = field(default_factory=dict)
    update_strategy: UpdateStrategy = field(default_factory=UpdateStrategy)
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None


class DaemonSetStatus(View, frozen=True):
    """`status`."""

    current_number_scheduled: int = 0
    desired_number_scheduled: int = 0
    number_misscheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    updated_number_scheduled: int = 0
    observed_generation: int = 0
    collision_count: int | None = None


class DaemonSet(View, frozen=True):
    """A DaemonSet."""

    metadata: Meta = field(default_factory=Meta)
    spec: DaemonSetSpec = field(default_factory=DaemonSetSpec)
    status: DaemonSetStatus = field(default_factory=DaemonSetStatus)

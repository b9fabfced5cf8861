"""StatefulSet and ControllerRevision.

In: their documents. Out: `StatefulSet`, `ControllerRevision`. Pod and claim templates stay documents: they are
copied, hashed and compared, never interpreted here.
"""

from msgspec import field

from moorage.api.views.meta import Condition, Json, LabelSelector, Meta, View


class RollingUpdate(View, frozen=True):
    """`updateStrategy.rollingUpdate`. `partition` None counts as 0, yet upstream tells the two apart."""

    partition: int | None = None
    max_unavailable: int | str | None = None


class UpdateStrategy(View, frozen=True):
    """`spec.updateStrategy`."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class Ordinals(View, frozen=True):
    """`spec.ordinals`."""

    start: int = 0


class RetentionPolicy(View, frozen=True):
    """`spec.persistentVolumeClaimRetentionPolicy` (KEP-1847)."""

    when_deleted: str = "Retain"
    when_scaled: str = "Retain"


class StatefulSetSpec(View, frozen=True):
    """`spec`."""

    replicas: int | None = None
    service_name: str = ""
    pod_management_policy: str = ""
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: Json = field(default_factory=dict)
    volume_claim_templates: tuple[Json, ...] = ()
    update_strategy: UpdateStrategy = field(default_factory=UpdateStrategy)
    ordinals: Ordinals | None = None
    persistent_volume_claim_retention_policy: RetentionPolicy | None = None


class StatefulSetStatus(View, frozen=True):
    """`status`."""

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    collision_count: int | None = None
    conditions: tuple[Condition, ...] = ()


class StatefulSet(View, frozen=True):
    """A StatefulSet."""

    metadata: Meta = field(default_factory=Meta)
    spec: StatefulSetSpec = field(default_factory=StatefulSetSpec)
    status: StatefulSetStatus = field(default_factory=StatefulSetStatus)


class ControllerRevision(View, frozen=True):
    """One remembered revision of a template. `data` is hashed and compared to the byte, so it stays a document."""

    metadata: Meta = field(default_factory=Meta)
    revision: int = 0
    data: Json = field(default_factory=dict)

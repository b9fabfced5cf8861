"""PersistentVolumeClaim, PersistentVolume, StorageClass.

In: their documents. Out: views for binder, provisioners, scheduler and node agent. Quantities stay text.
"""

import datetime
from functools import cached_property

from msgspec import field

from moorage.api.views.berth import ClaimBerth, claim_berth
from moorage.api.views.meta import Condition, Json, LabelSelector, Meta, ObjectReference, Requirement, View

QuantityText = str | int | float


class ResourceRequirements(View, frozen=True):
    """`resources` of a claim."""

    requests: dict[str, QuantityText] = field(default_factory=dict)
    limits: dict[str, QuantityText] = field(default_factory=dict)


class PersistentVolumeClaimSpec(View, frozen=True):
    """`spec`. `storage_class_name` None is "the default class", "" is "no class"."""

    access_modes: tuple[str, ...] = ()
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)
    selector: LabelSelector | None = None
    storage_class_name: str | None = None
    volume_mode: str | None = None
    volume_name: str = ""


class PersistentVolumeClaimStatus(View, frozen=True):
    """`status`."""

    phase: str = ""
    access_modes: tuple[str, ...] = ()
    capacity: dict[str, QuantityText] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(View, frozen=True, dict=True, gc=True):
    """A PersistentVolumeClaim."""

    metadata: Meta = field(default_factory=Meta)
    spec: PersistentVolumeClaimSpec = field(default_factory=PersistentVolumeClaimSpec)
    status: PersistentVolumeClaimStatus = field(default_factory=PersistentVolumeClaimStatus)

    @cached_property
    def berth(self) -> ClaimBerth:
        """What a controller of numbered pods judges of it, worked out at most once."""
        return claim_berth(self)


class NodeSelectorTerm(View, frozen=True):
    """Requirements that all must hold."""

    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(View, frozen=True):
    """Terms of which one must hold."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class VolumeNodeAffinity(View, frozen=True):
    """Where a volume can be reached."""

    required: NodeSelector | None = None


class PersistentVolumeSpec(View, frozen=True):
    """`spec`. The volume sources that our own backends make stay documents."""

    capacity: dict[str, QuantityText] = field(default_factory=dict)
    access_modes: tuple[str, ...] = ()
    claim_ref: ObjectReference | None = None
    storage_class_name: str = ""
    volume_mode: str | None = None
    persistent_volume_reclaim_policy: str = ""
    mount_options: tuple[str, ...] = ()
    node_affinity: VolumeNodeAffinity | None = None
    local: Json | None = None
    host_path: Json | None = None
    nfs: Json | None = None
    csi: Json | None = None


class PersistentVolumeStatus(View, frozen=True):
    """`status`."""

    phase: str = ""
    message: str = ""
    reason: str = ""
    last_phase_transition_time: datetime.datetime | None = None


class PersistentVolume(View, frozen=True):
    """A PersistentVolume."""

    metadata: Meta = field(default_factory=Meta)
    spec: PersistentVolumeSpec = field(default_factory=PersistentVolumeSpec)
    status: PersistentVolumeStatus = field(default_factory=PersistentVolumeStatus)


class TopologyRequirement(View, frozen=True):
    """One key of `allowedTopologies` and its values."""

    key: str = ""
    values: tuple[str, ...] = ()


class TopologyTerm(View, frozen=True):
    """Topology requirements that all must hold."""

    match_label_expressions: tuple[TopologyRequirement, ...] = ()


class StorageClass(View, frozen=True):
    """A StorageClass."""

    metadata: Meta = field(default_factory=Meta)
    provisioner: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    reclaim_policy: str = "Delete"
    volume_binding_mode: str = "Immediate"
    mount_options: tuple[str, ...] = ()
    allow_volume_expansion: bool | None = None
    allowed_topologies: tuple[TopologyTerm, ...] = ()

    @property
    def default(self) -> bool:
        """Whether it is marked as the default class."""
        marks = self.metadata.annotations
        return (
            marks.get("storageclass.kubernetes.io/is-default-class") == "true"
            or marks.get("storageclass.beta.kubernetes.io/is-default-class") == "true"
        )

    @property
    def waits_for_consumer(self) -> bool:
        """Whether binding waits until a pod is scheduled."""
        return self.volume_binding_mode == "WaitForFirstConsumer"

"""Pod: what scheduler, controllers, DNS and the node agent read.

In: Pod documents. Out: `Pod`. Containers stay documents (`Json`): whoever starts them reads all of it anyway.
"""

import datetime
from functools import cached_property

from msgspec import field

from moorage.api.views.berth import PodBerth, pod_berth
from moorage.api.views.meta import Condition, Json, Meta, View


class Toleration(View, frozen=True):
    """A taint the pod bears. An empty `key` with operator Exists bears every taint."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class ClaimSource(View, frozen=True):
    """`persistentVolumeClaim` of a volume."""

    claim_name: str = ""
    read_only: bool = False


class Volume(View, frozen=True):
    """One entry of `spec.volumes`; of its sources only the claim is typed."""

    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    ephemeral: Json | None = None


class SchedulingGate(View, frozen=True):
    """A named reason why the pod may not be scheduled yet."""

    name: str = ""


class PodSpec(View, frozen=True):
    """`spec`."""

    node_name: str = ""
    scheduler_name: str = ""
    service_account_name: str = ""
    hostname: str = ""
    subdomain: str = ""
    restart_policy: str = ""
    dns_policy: str = ""
    host_network: bool = False
    set_hostname_as_fqdn: bool = field(default=False, name="setHostnameAsFQDN")
    priority: int | None = None
    priority_class_name: str = ""
    preemption_policy: str = ""
    termination_grace_period_seconds: int | None = None
    active_deadline_seconds: int | None = None
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    volumes: tuple[Volume, ...] = ()
    containers: tuple[Json, ...] = ()
    init_containers: tuple[Json, ...] = ()
    overhead: dict[str, str | int | float] = field(default_factory=dict)
    affinity: Json | None = None
    topology_spread_constraints: tuple[Json, ...] = ()
    readiness_gates: tuple[Json, ...] = ()


class PodIP(View, frozen=True):
    """One address."""

    ip: str = ""


class PodStatus(View, frozen=True):
    """`status`. `phase` is "" only for a pod that exists in memory alone."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    host_ip: str = field(default="", name="hostIP")
    pod_ip: str = field(default="", name="podIP")
    pod_ips: tuple[PodIP, ...] = field(default=(), name="podIPs")
    start_time: datetime.datetime | None = None
    nominated_node_name: str = ""
    container_statuses: tuple[Json, ...] = ()
    init_container_statuses: tuple[Json, ...] = ()


class Pod(View, frozen=True, dict=True, gc=True):
    """A Pod."""

    metadata: Meta = field(default_factory=Meta)
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)

    @cached_property
    def berth(self) -> PodBerth:
        """What a controller of numbered pods judges of it, worked out at most once."""
        return pod_berth(self)

    def condition(self, kind: str) -> Condition | None:
        """Return the condition of type `kind`."""
        return next((entry for entry in self.status.conditions if entry.type == kind), None)

    @cached_property
    def ready_condition(self) -> bool:
        """Whether condition Ready is True, whatever the phase; looked up at most once."""
        entry = self.condition("Ready")
        return entry is not None and entry.status == "True"

    @property
    def finished(self) -> bool:
        """Whether no container of it will ever run again."""
        return self.status.phase in ("Failed", "Succeeded")

    @property
    def claim_names(self) -> tuple[str, ...]:
        """Names of the claims it uses, those of generic ephemeral volumes included (`<pod>-<volume>`)."""
        named = tuple(
            volume.persistent_volume_claim.claim_name for volume in self.spec.volumes if volume.persistent_volume_claim
        )
        made = tuple(
            f"{self.metadata.name}-{volume.name}" for volume in self.spec.volumes if volume.ephemeral is not None
        )
        return named + made

"""PodDisruptionBudget: what its controller and those who delete pods read.

In: its documents. Out: `PodDisruptionBudget`.
"""

import datetime

from msgspec import field

from moorage.api.views.meta import Condition, Json, Meta, View


class BudgetSpec(View, frozen=True):
    """`spec`."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: Json | None = None
    unhealthy_pod_eviction_policy: str = ""


class BudgetStatus(View, frozen=True):
    """`status`. `disrupted_pods`: pods an eviction was granted for, and when."""

    observed_generation: int = 0
    disrupted_pods: dict[str, datetime.datetime] = field(default_factory=dict)
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(View, frozen=True):
    """A PodDisruptionBudget."""

    metadata: Meta = field(default_factory=Meta)
    spec: BudgetSpec = field(default_factory=BudgetSpec)
    status: BudgetStatus = field(default_factory=BudgetStatus)

"""A Deployment and its replica sets, sorted out: which is the new one, how many pods may be too many or away.

In: `Snapshot`, the instant. Out: `Situation`, which every phase reads. Source: deploymentutil (1.32).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api.refs import Document
from moorage.api.shares import scaled
from moorage.controllers.deployment import templates
from moorage.controllers.deployment.snapshot import Snapshot
from moorage.informer.cache import Cached

NEVER = 2**31 - 1
"""A progress deadline or history limit of this much means none (upstream's)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What every phase reads.

    Args:
        snapshot: all that is known.
        new: the replica set of the template as it is now, None where there is none yet.
        old: the others, oldest first.
        surge: how many pods there may be above the number wanted.
        unavailable: how many pods of those wanted may be unavailable.
        now: the instant.
    """

    snapshot: Snapshot
    new: Cached[Any] | None
    old: tuple[Cached[Any], ...]
    surge: int
    unavailable: int
    now: datetime.datetime

    @property
    def owner(self) -> Cached[Any]:
        """The Deployment."""
        return self.snapshot.owner

    @property
    def document(self) -> Document:
        """The Deployment's document."""
        return self.snapshot.owner.document

    @property
    def wanted(self) -> int:
        """How many pods it wants."""
        return int(self.owner.view.spec.replicas)

    @property
    def name(self) -> str:
        """Its name."""
        return self.owner.key.name

    @property
    def sets(self) -> tuple[Cached[Any], ...]:
        """Every replica set, the old ones first."""
        return (*self.old, self.new) if self.new is not None else self.old

    @property
    def active_old(self) -> tuple[Cached[Any], ...]:
        """The old replica sets that want pods."""
        return tuple(one for one in self.old if size(one) > 0)

    @property
    def deadline(self) -> int | None:
        """Seconds a rollout may take without progress, None for ever."""
        seconds: int | None = self.owner.view.spec.progress_deadline_seconds
        return None if seconds is None or seconds == NEVER else seconds

    @property
    def rolls(self) -> bool:
        """Whether pods are replaced step by step."""
        return bool(self.owner.view.spec.strategy.type == "RollingUpdate")


def situate(snapshot: Snapshot, now: datetime.datetime) -> Situation:
    """Sort out the replica sets: the oldest one of the present template is the new one."""
    wanted = templates.bare(snapshot.owner.view.spec.template)
    new = next((one for one in snapshot.sets if templates.bare(one.view.spec.template) == wanted), None)
    old = tuple(one for one in snapshot.sets if one is not new)
    spec = snapshot.owner.view.spec
    rolling = spec.strategy.rolling_update
    if spec.strategy.type != "RollingUpdate":
        return Situation(snapshot, new, old, 0, 0, now)
    surge, unavailable = fenceposts(rolling.max_surge, rolling.max_unavailable, spec.replicas)
    return Situation(snapshot, new, old, surge, min(unavailable, spec.replicas), now)


def fenceposts(surge: int | str, unavailable: int | str, replicas: int) -> tuple[int, int]:
    """Return (pods too many, pods away); percentages are rounded up and down, and one of the two is at least 1."""
    more, fewer = scaled(surge, replicas, up=True), scaled(unavailable, replicas, up=False)
    return more, fewer if more or fewer else 1


def size(one: Cached[Any]) -> int:
    """Return how many pods a replica set wants."""
    return int(one.view.spec.replicas)


def sizes(sets: Iterable[Cached[Any]]) -> int:
    """Return how many pods replica sets want together."""
    return sum(map(size, sets))


def available(sets: Iterable[Cached[Any]]) -> int:
    """Return how many available pods replica sets report together."""
    return sum(one.view.status.available_replicas for one in sets)

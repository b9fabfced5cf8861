"""What the algorithm reads of a set, with the defaults it relies on.

In: the set's document. Out: `SetSpec`, frozen; templates stay documents. Source: facts/statefulset.md 1.6-1.10, 2.1.
"""

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api import labels, meta
from moorage.api.refs import Document, ObjectKey
from moorage.controllers.statefulset import options
from moorage.controllers.statefulset.options import Options

RETAIN = "Retain"
DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Rolling:
    """`spec.updateStrategy.rollingUpdate` where it is present.

    Args:
        partition: index, counted from the start ordinal, below which pods keep the current revision.
        max_unavailable: number or percentage as written, None for the default of one.
    """

    partition: int
    max_unavailable: int | str | None


@dataclass(frozen=True, slots=True)
class SetSpec:
    """One set.

    Args:
        document: the whole set.
        key: namespace and name.
        selector: None where it does not parse.
        ordered: pod management policy is not Parallel.
        strategy: `RollingUpdate`, `OnDelete` or `Recreate`.
        rolling: None where the strategy has no rollingUpdate object: a different rule fills holes then.
        when_deleted, when_scaled: claim retention policy.
        ordinals: those it wants, ascending; none while it sleeps.
        awake: those it wants when it is awake.
        options: what it asks for beyond Kubernetes.
        replicas: how many pods it wants now.
        history_limit: None where it is unset or negative: keep everything.
    """

    document: Document
    key: ObjectKey
    uid: str
    deleting: bool
    generation: int
    selector: labels.Selector | None
    service_name: str
    replicas: int
    start: int
    ordered: bool
    strategy: str
    rolling: Rolling | None
    min_ready_seconds: int
    history_limit: int | None
    when_deleted: str
    when_scaled: str
    template: Document
    claim_templates: tuple[Document, ...]
    status: Mapping[str, Any]
    ordinals: Collection[int]
    awake: Collection[int]
    options: Options = options.NONE

    @property
    def name(self) -> str:
        """Name of the set."""
        return self.key.name

    @property
    def partition(self) -> int:
        """Partition, 0 where none is given."""
        return self.rolling.partition if self.rolling else 0

    @property
    def retains(self) -> bool:
        """Whether claims are never owned by set or pods."""
        return self.when_deleted == RETAIN and self.when_scaled == RETAIN


def read(document: Document, *, extended: bool = True) -> SetSpec:
    """Read a set's document.

    Args:
        extended: obey annotations under `moorage.dev/`.
    """
    asked = options.read(document) if extended else options.NONE
    spec = document.get("spec") or {}
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    strategy = spec.get("updateStrategy") or {}
    # A set that sleeps wants no pods, and its claims stay whatever the policy says.
    limit, start = spec.get("revisionHistoryLimit"), (spec.get("ordinals") or {}).get("start") or 0
    wanted = spec.get("replicas")
    awake = _ordinals(start, 1 if wanted is None else wanted, asked.reserved)
    return SetSpec(
        document=document,
        key=ObjectKey(meta.namespace(document), meta.name(document)),
        uid=meta.uid(document),
        deleting=meta.is_deleting(document),
        generation=meta.generation(document),
        selector=_selector(spec),
        service_name=spec.get("serviceName") or "",
        replicas=0 if asked.asleep else len(awake),
        start=start,
        ordered=spec.get("podManagementPolicy") != "Parallel",
        strategy=strategy.get("type") or "RollingUpdate",
        rolling=_rolling(strategy.get("rollingUpdate")),
        min_ready_seconds=spec.get("minReadySeconds") or 0,
        history_limit=limit if limit is not None and limit >= 0 else None,
        when_deleted=retention.get("whenDeleted") or RETAIN,
        when_scaled=RETAIN if asked.asleep else retention.get("whenScaled") or RETAIN,
        template=spec.get("template") or {},
        claim_templates=tuple(spec.get("volumeClaimTemplates") or ()),
        status=document.get("status") or {},
        ordinals=range(start, start) if asked.asleep else awake,
        awake=awake,
        options=asked,
    )


def _ordinals(start: int, replicas: int, reserved: frozenset[int]) -> Collection[int]:
    """Return the lowest ordinals from `start` on that are not reserved."""
    if not any(one >= start for one in reserved):
        return range(start, start + replicas)
    free = (one for one in itertools.count(start) if one not in reserved)
    return dict.fromkeys(itertools.islice(free, replicas)).keys()


def _rolling(document: Mapping[str, Any] | None) -> Rolling | None:
    if document is None:
        return None
    return Rolling(document.get("partition") or 0, document.get("maxUnavailable"))


def _selector(spec: Mapping[str, Any]) -> labels.Selector | None:
    try:
        return labels.from_document(spec.get("selector"))
    except labels.BadSelector:
        return None

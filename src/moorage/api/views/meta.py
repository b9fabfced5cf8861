"""What every kind shares: metadata, owner references, conditions, selectors, and the base of all views.

In: documents. Out: frozen structs. Absent fields take Go's zero value, so readers never ask whether a key exists.
"""

import datetime
from typing import Any

import msgspec
from msgspec import field


class View(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A partial, typed picture of (part of) a document; unknown fields are skipped."""


class OwnerReference(View, frozen=True):
    """Who owns an object. Garbage collection goes by `uid`, never by name."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class Meta(View, frozen=True):
    """`metadata`: what decisions read of it."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    creation_timestamp: datetime.datetime | None = None
    deletion_timestamp: datetime.datetime | None = None
    deletion_grace_period_seconds: int | None = None

    @property
    def deleting(self) -> bool:
        """Whether a deletion was asked for."""
        return self.deletion_timestamp is not None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that controls this object, if any."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Condition(View, frozen=True):
    """One entry of `status.conditions`. `status` is `True`, `False` or `Unknown`."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime.datetime | None = None
    observed_generation: int = 0


class Requirement(View, frozen=True):
    """One entry of `matchExpressions`. `operator` is In, NotIn, Exists, DoesNotExist, and for nodes Gt, Lt."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(View, frozen=True):
    """`matchLabels` and `matchExpressions`; all must hold, and an empty selector matches everything."""

    match_labels: dict[str, str] = field(default_factory=dict)
    match_expressions: tuple[Requirement, ...] = ()


class ObjectReference(View, frozen=True):
    """A reference by name (`targetRef`, `claimRef`, `involvedObject`)."""

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    field_path: str = ""


class Plain(View, frozen=True):
    """An object of which only the metadata matters."""

    metadata: Meta = field(default_factory=Meta)


Json = dict[str, Any]
"""A part that passes through untouched."""

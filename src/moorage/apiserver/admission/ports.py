"""What an admission gate sees, and what it is.

In: nothing. Out: `Write`, `World`, `Gate`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from moorage.api.refs import Document, ObjectKey, Resource
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.apiserver.stored import Stored
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Selection
from moorage.client.ports import User

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]


@dataclass(slots=True)
class Write:
    """A write about to happen.

    Args:
        operation: what is done.
        resource: to which kind.
        key: to which object; its name is "" while a generated one is still to come.
        new: what will be stored; a gate may change it. Empty for DELETE and CONNECT.
        old: what is stored now; never changed. None for CREATE and CONNECT.
        user: who asks.
        subresource: "" for the object itself.
        warnings: a gate appends texts for Warning headers.
    """

    operation: Operation
    resource: Resource
    key: ObjectKey
    new: Document
    old: Document | None
    user: User
    subresource: str
    warnings: list[str]

    @property
    def shown_name(self) -> str:
        """Return the name messages use: the generated one's prefix while there is no name."""
        metadata: Document = self.new.get("metadata") or {}
        return self.key.name or metadata.get("generateName") or ""


class World(NamedTuple):
    """What a gate may look at."""

    cache: WatchCache
    ambient: Ambient
    settings: ServerSettings

    def get(self, resource: Resource, namespace: str, name: str) -> Stored | None:
        """Return one object."""
        return self.cache.get(resource, ObjectKey(namespace, name))

    def all_of(self, resource: Resource, namespace: str = "") -> list[Stored]:
        """Return every object of a kind, of one namespace if given."""
        return self.cache.shelf(resource).select(Selection(namespace))


@dataclass(frozen=True, slots=True)
class Gate:
    """One admission gate.

    Args:
        name: upstream's name of the plugin where there is one.
        check: (write, world): fills in, warns or raises ApiError.
        resources: plurals it cares for; empty for all.
        operations: operations it cares for.
        subresources: whether it also sees writes to subresources.
        late: it judges what validation accepted, and changes nothing.
    """

    name: str
    check: Callable[[Write, World], None]
    resources: tuple[Resource, ...] = ()
    operations: tuple[Operation, ...] = ("CREATE",)
    subresources: bool = False
    late: bool = False

    def sees(self, write: Write) -> bool:
        """Return whether a write passes through this gate."""
        if write.operation not in self.operations or (write.subresource and not self.subresources):
            return False
        return not self.resources or write.resource in self.resources


def admit(gates: Sequence[Gate], write: Write, world: World, *, late: bool = False) -> None:
    """Lead a write through every gate that cares, in order. Raises: ApiError."""
    for gate in gates:
        if gate.late == late and gate.sees(write):
            gate.check(write, world)

"""One resource's objects in memory: documents, typed views made once per change, and indexes.

In: changes from `informer.reflector`. Out: `Cached` values, by key or by index.
One writer, many readers; nothing here awaits.
Costs: `get` and `by_index` are O(1) plus the answer; a change is O(number of indexes).
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from moorage.api.refs import Document, ObjectKey, Resource

V = TypeVar("V", covariant=True)


@dataclass(frozen=True, slots=True)
class Cached(Generic[V]):
    """One object: its document and the view made from it (`api.views`), both never changed.

    Args:
        key: its name.
        document: as the API gave it.
        view: typed.
        revision: its resourceVersion.
        seen: when this process learnt of this state, by its own clock; None where the cache has no clock.
    """

    key: ObjectKey
    document: Document
    view: V
    revision: int
    seen: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """A named index: `values` says under which values an object is found."""

    name: str
    resource: Resource
    values: Callable[[Cached[Any]], Iterable[str]]


class Cache(Protocol[V]):
    """What readers see of one resource."""

    @property
    def revision(self) -> int:
        """The revision up to which this cache is complete."""
        ...

    def get(self, key: ObjectKey) -> Cached[V] | None:
        """Return one object."""
        ...

    def by_index(self, index: str, value: str) -> Iterable[Cached[V]]:
        """Return the objects under `value`, in key order of insertion."""
        ...

    def __iter__(self) -> Iterator[Cached[V]]:
        """Iterate over every object."""
        ...

    def __len__(self) -> int:
        """Return how many objects there are."""
        ...


class Caches(Protocol):
    """Every cache of the process."""

    def of(self, resource: Resource) -> Cache[Any]:
        """Return the cache of `resource`."""
        ...

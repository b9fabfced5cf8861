"""All that one decision about a quota needs.

In: caches. Out: `Snapshot`, frozen; next room `decide`. Kinds that the quota does not count are not looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api.quota import usage
from moorage.api.refs import ObjectKey, Resource
from moorage.api.scheme import RESOURCEQUOTAS
from moorage.informer.cache import Cached, Caches


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one quota.

    Args:
        quota: the quota.
        objects: everything of the kinds it counts in its namespace.
    """

    quota: Cached[Any]
    objects: Mapping[Resource, tuple[Cached[Any], ...]]


def take(key: ObjectKey, caches: Caches, kinds: Iterable[Resource]) -> Snapshot | None:
    """Return what is known of the quota `key`, None where it is gone."""
    quota = caches.of(RESOURCEQUOTAS).get(key)
    if quota is None:
        return None
    hard = (quota.document.get("spec") or {}).get("hard") or {}
    counted = [kind for kind in kinds if usage.names_of(kind, hard)]
    objects = {kind: tuple(caches.of(kind).by_index("namespace", key.namespace)) for kind in counted}
    return Snapshot(quota, objects)

"""Which objects belong to an owner that selects them by label: keep, adopt, release, ignore.

In: the owner, what could be its own. Out: what is its own, and the writes that adopt and release. Pure; any controller whose
kind owns by selector reads it. Source: the table of facts/statefulset.md 1.3; facts/reliability.md ID8.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moorage.api import meta, owners
from moorage.api.refs import Resource
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Action, Confirm, Patch


@dataclass(frozen=True, slots=True)
class Claim:
    """What an owner claims.

    Args:
        owner: the owner.
        kind: its resource.
        resource: resource of the objects.
        matches: whether an object is one it wants (its selector, and whatever else its kind asks for).
    """

    owner: Cached[Any]
    kind: Resource
    resource: Resource
    matches: Callable[[Cached[Any]], bool]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The outcome.

    Args:
        kept: objects the owner controls and wants.
        writes: one live check of the owner before the adoptions, the adoptions, the releases.
    """

    kept: tuple[Cached[Any], ...]
    writes: tuple[Action, ...]


def claim(wish: Claim, candidates: Iterable[Cached[Any]]) -> Claimed:
    """Judge every candidate; they must all be of the owner's namespace."""
    owner_uid, leaving = meta.uid(wish.owner.document), meta.is_deleting(wish.owner.document)
    kept: list[Cached[Any]] = []
    adopted: list[Cached[Any]] = []
    released: list[Cached[Any]] = []
    for one in candidates:
        controller = owners.controller_of(one.document)
        if controller is not None and controller["uid"] != owner_uid:
            continue
        wanted = wish.matches(one)
        if controller is not None:
            (kept if wanted or leaving else released).append(one)
        elif wanted and not leaving and not meta.is_deleting(one.document):
            adopted.append(one)
    confirm = (Confirm(wish.kind, wish.owner.key, owner_uid),) if adopted else ()
    adoptions = (_adopt(wish, one) for one in adopted)
    return Claimed(tuple(kept), (*confirm, *adoptions, *(_release(wish, one) for one in released)))


def _adopt(wish: Claim, one: Cached[Any]) -> Patch:
    body = {"metadata": {"ownerReferences": [owners.controller_reference(wish.owner.document, wish.kind)]}}
    return Patch(wish.resource, one.key, body, meta.uid(one.document), kind="strategic", missing_ok=True)


def _release(wish: Claim, one: Cached[Any]) -> Patch:
    body = {"metadata": {"ownerReferences": [{"$patch": "delete", "uid": meta.uid(wish.owner.document)}]}}
    return Patch(wish.resource, one.key, body, meta.uid(one.document), kind="strategic", missing_ok=True)

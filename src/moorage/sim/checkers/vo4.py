"""VO4: a claim goes, by a controller's hand, only where the set's policy says so; data is erased only once its claim is gone.

A policy works through owners: a claim gets its set or its pod as an owner, and is collected once that is gone. So an owner may be
added only where the policy, as the decider saw it, says Delete; and a claim may be collected only without a living owner.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange
from moorage.sim.sets import SetState, ordinal_of
from moorage.sim.shape import SET


class Check(Checker):
    """Looks at every owner that a claim gets, at every deletion of one, and at what data there is left."""

    def changed(self, change: StateChange) -> Iterable[str]:
        mine = change.actor.startswith("manager-")
        if change.resource == "persistentvolumeclaims" and mine:
            yield from self._owners(change)
            yield from self._deletion(change)
        if change.resource == "persistentvolumes" and change.after is None and change.before is not None:
            yield from self._volume(change.name, change.before)

    def _owners(self, change: StateChange) -> Iterable[str]:
        before = {one["uid"] for one in _owners(change.before)}
        name = f"{change.name.partition('/')[0]}/{SET}"
        for owner in _owners(change.after):
            if owner["uid"] in before:
                continue
            states = self.scene.sets.between(name, self.scene.world.knowledge.seen(change.actor, name), change.revision)
            if not any(_allows(state, owner["kind"], ordinal_of(change.name)) for state in states):
                yield f"{change.actor} makes {owner['kind']} {owner['name']} own {change.name}, which no policy allows"

    def _deletion(self, change: StateChange) -> Iterable[str]:
        if change.before is None or meta.is_deleting(change.before):
            return
        if change.after is not None and not meta.is_deleting(change.after):
            return
        owners = _owners(change.before)
        if not owners or any(map(self._lives, owners)):
            yield f"{change.actor} deletes claim {change.name}, which no policy allows"

    def _lives(self, owner: dict[str, Any]) -> bool:
        plural = {"Pod": "pods", "StatefulSet": "statefulsets"}[owner["kind"]]
        same = [one for one in self.scene.world.present(plural) if meta.uid(one) == owner["uid"]]
        return any(not meta.is_deleting(one) for one in same)

    def _volume(self, name: str, volume: Document) -> Iterable[str]:
        owner = volume["spec"].get("claimRef") or {}
        claim = self.scene.present("persistentvolumeclaims", f"{owner.get('namespace')}/{owner.get('name')}")
        if claim is not None and meta.uid(claim) == owner.get("uid"):
            yield f"volume {name} is removed while its claim exists"

    def ended(self) -> Iterable[str]:
        data = self.scene.world.backend.data
        for volume in self.scene.world.present("persistentvolumes"):
            if (volume.get("status") or {}).get("phase") == "Bound" and meta.name(volume) not in data:
                yield f"the data of {meta.name(volume)} is gone while it is bound"


def _owners(claim: Document | None) -> list[dict[str, Any]]:
    return list((claim or {}).get("metadata", {}).get("ownerReferences") or ())


def _allows(state: SetState, kind: str, ordinal: int) -> bool:
    """Return whether a set's policy lets an owner of that kind take a claim along."""
    policy = state.spec.get("persistentVolumeClaimRetentionPolicy") or {}
    if kind == "StatefulSet":
        return bool(policy.get("whenDeleted") == "Delete")
    return policy.get("whenScaled") == "Delete" and ordinal not in state.wanted

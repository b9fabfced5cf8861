"""VO4: a controller deletes a claim only where the set's policy says so; data is erased only once its claim is gone."""

from collections.abc import Iterable
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.sim.checkers.base import Checker, Scene
from moorage.sim.recording import StateChange


class Check(Checker):
    """Looks at every deletion that reaches a claim, and at what data there is left."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._policies: dict[str, list[dict[str, Any]]] = {}

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "statefulsets" and change.after is not None:
            policy = change.after["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
            self._policies.setdefault(change.name, []).append(policy)
        if change.resource == "persistentvolumeclaims":
            yield from self._claim(change)
        if change.resource == "persistentvolumes" and change.after is None and change.before is not None:
            yield from self._volume(change.name, change.before)

    def _claim(self, change: StateChange) -> Iterable[str]:
        going = change.after is None or meta.is_deleting(change.after)
        already = change.before is None or meta.is_deleting(change.before)
        if not going or already or not change.actor.startswith("manager-"):
            return
        allowed = any("Delete" in policy.values() for every in self._policies.values() for policy in every)
        owners = (change.before or {}).get("metadata", {}).get("ownerReferences") or ()
        if not allowed or not owners:
            yield f"{change.actor} deletes claim {change.name}, which no policy allows"

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

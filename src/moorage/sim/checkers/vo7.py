"""VO7: claim and volume are bound to one another, one to one, and neither ever to another."""

from collections.abc import Iterable

from moorage.api import meta
from moorage.sim.checkers.base import Checker
from moorage.sim.recording import StateChange


class Check(Checker):
    """Looks at every write of a claim or a volume, and at all of them in the end."""

    def changed(self, change: StateChange) -> Iterable[str]:
        if change.resource == "persistentvolumeclaims" and change.after is not None:
            yield from self._claim(change)
        if change.resource == "persistentvolumes" and change.before is not None and change.after is not None:
            before, after = ((side["spec"].get("claimRef") or {}).get("uid") for side in (change.before, change.after))
            if before and after and before != after:
                yield f"volume {change.name} goes from claim {before} to {after}"

    def _claim(self, change: StateChange) -> Iterable[str]:
        volume = (change.after or {})["spec"].get("volumeName")
        before = (change.before or {"spec": {}})["spec"].get("volumeName")
        if before and before != volume:
            yield f"claim {change.name} goes from {before} to {volume}"
        for other in self.scene.world.present("persistentvolumeclaims"):
            same = volume and other["spec"].get("volumeName") == volume
            if same and meta.uid(other) != meta.uid(change.document):
                yield f"{volume} is bound to {change.name} and {meta.name(other)}"

    def ended(self) -> Iterable[str]:
        claims = {meta.uid(one): one for one in self.scene.world.present("persistentvolumeclaims")}
        for volume in self.scene.world.present("persistentvolumes"):
            claim = claims.get((volume["spec"].get("claimRef") or {}).get("uid", ""))
            if claim is not None and claim["spec"].get("volumeName") not in (None, meta.name(volume)):
                yield f"{meta.name(volume)} names claim {meta.name(claim)}, which names another volume"

"""ID9: leaders do not matter: with several managers active at once, every rule of identity and of volumes holds."""

from collections.abc import Iterable

from moorage.sim.checkers.base import Checker


class Check(Checker):
    """Says so where a rule was broken with several managers at work."""

    def ended(self) -> Iterable[str]:
        broken = sorted(law for law in self.scene.broken or () if law[:2] in ("ID", "VO"))
        if len(self.scene.world.managers) > 1 and broken:
            yield f"{', '.join(broken)} broken with {len(self.scene.world.managers)} managers"
